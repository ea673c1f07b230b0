/* Follows a run once a second; when it is over the page is loaded again and shows the result. */
(function () {
  "use strict";
  var run = document.getElementById("run");
  var texts = JSON.parse(document.getElementById("texts").textContent);
  var bar = document.getElementById("bar");
  function show(name, text) { run.querySelector('[data-show="' + name + '"]').textContent = text; }
  function ask() {
    fetch(run.dataset.address, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
      .then(function (state) {
        if (state.over) { window.location.reload(); return; }
        show("label", state.label);
        show("elapsed", texts.elapsed.replace("{seconds}", state.elapsed));
        if (state.total) {
          bar.max = state.total;
          bar.value = state.done;
          show("count", texts.count.replace("{done}", state.done).replace("{total}", state.total));
        } else { show("count", texts.preparing); }
        window.setTimeout(ask, 1000);
      })
      .catch(function () { show("count", texts.lost); window.setTimeout(ask, 5000); });
  }
  window.setTimeout(ask, 1000);
}());
