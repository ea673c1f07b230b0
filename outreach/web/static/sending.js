/* Copies a text of the page, or prints the page; without a script the browser's own menus do it. */
(function () {
  "use strict";
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    var text = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", function () {
      var done = function () { document.querySelector("[data-copied]").hidden = false; };
      // Without https a browser gives no clipboard; selecting the text lets the keyboard copy it.
      if (navigator.clipboard) { navigator.clipboard.writeText(text.innerText).then(done); return; }
      var range = document.createRange();
      range.selectNodeContents(text);
      window.getSelection().removeAllRanges();
      window.getSelection().addRange(range);
      if (document.execCommand("copy")) { done(); }
    });
  });
}());
