/* Says before sending that the chosen files are too large together. */
(function () {
  "use strict";
  var form = document.querySelector("form.hand-in");
  var files = document.getElementById("files");
  files.addEventListener("change", function () {
    var bytes = 0;
    for (var i = 0; i < files.files.length; i += 1) { bytes += files.files[i].size; }
    files.setCustomValidity(bytes > Number(form.dataset.most) ? form.dataset.large : "");
    files.reportValidity();
  });
}());
