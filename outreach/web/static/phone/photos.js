/* Photos and voice notes as text that a draft can hold, and back into files. */
(function () {
  "use strict";
  var PHOTO_EDGE = 1280;
  var PHOTO_BYTES = 300000;

  /* Photos are drawn anew at most 1,280 pixels wide, which also drops their EXIF. */
  function shrink(file) {
    return new Promise(function (resolve, reject) {
      var picture = new Image();
      picture.onload = function () { URL.revokeObjectURL(picture.src); resolve(picture); };
      picture.onerror = function () { URL.revokeObjectURL(picture.src); reject(new Error("photo")); };
      picture.src = URL.createObjectURL(file);
    }).then(function (picture) {
      var scale = Math.min(1, PHOTO_EDGE / Math.max(picture.naturalWidth, picture.naturalHeight));
      var canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(picture.naturalHeight * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      var qualities = [0.8, 0.6, 0.4, 0.25];
      function attempt(place) {
        var data = canvas.toDataURL("image/jpeg", qualities[place]);
        return data.length * 0.75 > PHOTO_BYTES && place + 1 < qualities.length ? attempt(place + 1) : data;
      }
      return attempt(0);
    });
  }
  function readWhole(file) {
    return new Promise(function (resolve, reject) {
      var reader = new FileReader();
      reader.onload = function () { resolve(reader.result); };
      reader.onerror = reject;
      reader.readAsDataURL(file);
    });
  }
  function blobOf(data) {
    var comma = data.indexOf(",");
    var text = atob(data.slice(comma + 1));
    var bytes = new Uint8Array(text.length);
    for (var at = 0; at < text.length; at += 1) { bytes[at] = text.charCodeAt(at); }
    return new Blob([bytes], { type: data.slice(5, data.indexOf(";")) });
  }

  window.OutreachPhotos = { shrink: shrink, readWhole: readWhole, blobOf: blobOf };
}());
