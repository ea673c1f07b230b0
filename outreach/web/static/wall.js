/* Fetches the page once a minute and puts the new numbers in; without an answer the old ones stay. */
(function () {
  "use strict";
  var wall = document.getElementById("content");
  var every = Number(wall.dataset.every) * 1000;
  function refresh() {
    fetch(window.location.href, { credentials: "same-origin" })
      .then(function (answer) {
        // A sign-in that ended leads elsewhere: load it, so that somebody can sign in again.
        if (answer.redirected) { window.location.reload(); }
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.text();
      })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("content");
        wall.replaceChildren.apply(wall, Array.from(fresh.childNodes));
      })
      .catch(function () {
        var lost = wall.querySelector("[data-lost]");
        if (lost) { lost.hidden = false; }
      })
      .then(function () { window.setTimeout(refresh, every); });
  }
  window.setTimeout(refresh, every);
}());
