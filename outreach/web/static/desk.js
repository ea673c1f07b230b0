/* A chosen filter takes effect at once; without a script the button does it. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-auto] select").forEach(function (select) {
    select.addEventListener("change", function () { select.form.submit(); });
  });
}());
