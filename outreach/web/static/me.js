/* Buttons that only a script can serve: copy an address, print a page. */
(function () {
  "use strict";
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var source = document.getElementById(button.dataset.copy);
      var done = function () { button.textContent = button.dataset.done; };
      var failed = function () { button.textContent = button.dataset.failed; };
      if (navigator.clipboard) { navigator.clipboard.writeText(source.textContent).then(done, failed); return; }
      var range = document.createRange();
      range.selectNodeContents(source);
      window.getSelection().removeAllRanges();
      window.getSelection().addRange(range);
      if (document.execCommand("copy")) { done(); } else { failed(); }
    });
  });
  document.querySelectorAll("[data-print]").forEach(function (button) {
    if (!window.print) { return; }
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
}());
