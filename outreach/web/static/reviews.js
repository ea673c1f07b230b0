/* Answers by key: 1, 2, 3, and u to undo. A checkbox turns the keys off; the choice is kept. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-answers]");
  var box = document.getElementById("keys");
  if (!form || !box) { return; }
  var STORED = "reviews.keys";
  try { box.checked = localStorage.getItem(STORED) !== "off"; } catch (error) { box.checked = true; }
  box.closest("label").hidden = false;
  box.addEventListener("change", function () {
    try { localStorage.setItem(STORED, box.checked ? "on" : "off"); } catch (error) { return; }
  });
  var sent = false;
  document.addEventListener("keydown", function (event) {
    var typing = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (!box.checked || sent || typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var button = event.key.toLowerCase() === "u"
      ? document.querySelector("form[data-undo] button")
      : form.querySelector("button[data-key='" + (/^[123]$/.test(event.key) ? event.key : "0") + "']");
    if (button) { sent = true; event.preventDefault(); button.click(); }
  });
  window.addEventListener("pageshow", function () { sent = false; });
}());
