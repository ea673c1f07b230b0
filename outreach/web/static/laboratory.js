/* A slider shows its value while it moves. */
(function () {
  "use strict";
  document.querySelectorAll(".slider input").forEach(function (input) {
    var shown = input.parentNode.querySelector("output");
    input.addEventListener("input", function () { shown.textContent = input.value; });
  });
}());
