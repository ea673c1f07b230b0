/* The page around the map: fetches the firms for it, keeps the address true to what is shown, and
   shows what was touched. The frame has an opaque origin; of its messages only numbers are used. */
(function () {
  "use strict";
  var frame = document.getElementById("map-frame");
  if (!frame) { return; }
  var asked = false;

  function whole(value) { return Number.isInteger(value) && value > 0 && value <= 2147483647 ? value : 0; }

  function current(name) { return new URLSearchParams(window.location.search).get(name) || ""; }

  /* Every state is an address: replaced, not pushed, so that "back" leaves the map. */
  function keep(changes) {
    var state = new URLSearchParams(window.location.search);
    Object.keys(changes).forEach(function (name) {
      if (changes[name]) { state.set(name, changes[name]); } else { state.delete(name); }
      document.querySelectorAll("form[data-keeps-place]").forEach(function (form) {
        var field = form.querySelector("input[type=hidden][name=" + name + "]");
        if (!field && changes[name]) {
          field = document.createElement("input");
          field.type = "hidden";
          field.name = name;
          form.appendChild(field);
        }
        if (field) { field.value = changes[name]; field.disabled = !changes[name]; }
      });
    });
    window.history.replaceState(null, "", window.location.pathname + "?" + state.toString());
  }

  function send(message, transfer) { frame.contentWindow.postMessage(message, "*", transfer || []); }

  function sendFirms() {
    if (asked) { return; }
    asked = true;
    fetch(frame.dataset.firms, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.arrayBuffer();
    }).then(function (block) {
      send({ kind: "firms", block: block }, [block]);
    }).catch(function () { asked = false; });
  }

  /* The row of the grid that the address names, within its table; the page itself stays. */
  function showMarked() {
    var row = document.querySelector("#grids tr[aria-current]");
    var box = row && row.closest(".scroll");
    if (box) { box.scrollTop = row.offsetTop - box.clientHeight / 2; }
  }

  function markRow(grid) {
    document.querySelectorAll("#grids tr[data-grid]").forEach(function (row) {
      if (Number(row.dataset.grid) === grid) {
        row.setAttribute("aria-current", "true");
        row.scrollIntoView({ block: "nearest" });
      } else {
        row.removeAttribute("aria-current");
      }
    });
  }

  function chooseGrid(grid, show) {
    markRow(grid);
    keep({ grid: String(grid || ""), firm: "" });
    document.getElementById("firm").hidden = true;
    send({ kind: "choose", grid: grid, firm: 0, show: show });
  }

  function chooseFirm(firm) {
    var grid = whole(Number(current("grid")));
    keep({ firm: String(firm) });
    send({ kind: "choose", grid: grid, firm: firm, show: false });
    fetch(frame.dataset.firm.replace(/0$/, String(firm)), { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
      return answer.ok ? answer.json() : null;
    }).then(function (said) {
      var box = document.getElementById("firm");
      box.hidden = said === null;
      if (said === null) { return; }
      var link = box.querySelector("a");
      link.textContent = said.name;
      link.setAttribute("href", "/enterprises/" + String(firm));
      box.querySelector("p").textContent = said.facts.join(" · ");
    });
  }

  window.addEventListener("message", function (event) {
    if (event.source !== frame.contentWindow) { return; }
    var said = event.data || {};
    if (said.kind === "firms wanted") { sendFirms(); }
    if (said.kind === "ready" || said.kind === "drawn") { document.documentElement.dataset[said.kind] = String(said.tier); if (!performance.getEntriesByName("map-" + said.kind).length) { performance.mark("map-" + said.kind); } }
    if (said.kind === "grid" && whole(said.grid)) { chooseGrid(whole(said.grid), false); }
    if (said.kind === "firm" && whole(said.firm)) { chooseFirm(whole(said.firm)); }
    if (said.kind === "view" && Array.isArray(said.at) && said.at.length === 3 && said.at.every(Number.isFinite)) {
      keep({ at: said.at.join(",") });
      document.documentElement.dataset.tier = String(said.tier);
    }
  });

  /* Another township is shown whole, not where one looked before. */
  document.querySelectorAll("form[data-keeps-place]").forEach(function (form) {
    form.addEventListener("change", function (event) {
      if (event.target.name === "township") { keep({ at: "", grid: "", firm: "" }); }
    }, true);
  });

  showMarked();
  frame.addEventListener("load", function () { send({ kind: "hello" }); });
  /* The figures are painted first; drawing the map at the same time would delay them. */
  window.requestAnimationFrame(function () {
    window.setTimeout(function () { frame.setAttribute("src", frame.dataset.src); }, 0);
  });

  document.querySelectorAll("#grids a.show").forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      chooseGrid(whole(Number(link.dataset.grid)), true);
    });
  });

  /* The slider is the list of months drawn as a line; the list works without it. */
  var list = document.getElementById("month");
  var slider = document.getElementById("months");
  if (list && slider) {
    slider.parentElement.hidden = false;
    slider.value = String(list.selectedIndex);
    slider.setAttribute("aria-valuetext", list.options[list.selectedIndex].text);
    slider.addEventListener("input", function () {
      list.selectedIndex = Number(slider.value);
      slider.setAttribute("aria-valuetext", list.options[list.selectedIndex].text);
    });
    slider.addEventListener("change", function () { list.form.submit(); });
  }
}());
