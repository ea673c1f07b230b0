/* Own order without a page for each step; the phone's position at a tap. Without scripts all of it
   works with one page more. */
(function () {
  "use strict";
  var order = document.querySelector("form[data-order]");
  if (order) {
    var save = order.querySelector("[data-save]");
    order.addEventListener("click", function (event) {
      var button = event.target.closest ? event.target.closest("button[name=move]") : null;
      if (!button) { return; }
      event.preventDefault();
      var row = button.closest("li");
      var up = button.value.slice(-3) === ":-1";
      if (up && row.previousElementSibling) { row.parentNode.insertBefore(row, row.previousElementSibling); }
      if (!up && row.nextElementSibling) { row.parentNode.insertBefore(row.nextElementSibling, row); }
      order.elements.order.value = Array.prototype.map.call(order.querySelectorAll("[data-firm]"), function (one) { return one.dataset.firm; }).join(",");
      save.hidden = false;
      button.focus();
    });
  }

  var canLocate = navigator.geolocation && window.isSecureContext;
  function locate(form, done) {
    var trouble = form.querySelector("[data-trouble]");
    trouble.hidden = true;
    navigator.geolocation.getCurrentPosition(function (found) {
      form.elements.lon.value = found.coords.longitude.toFixed(6);
      form.elements.lat.value = found.coords.latitude.toFixed(6);
      form.elements.accuracy_m.value = String(Math.round(found.coords.accuracy));
      done();
    }, function () { trouble.hidden = false; }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
  }

  var near = document.querySelector("form[data-locate]");
  if (near && canLocate) {
    near.hidden = false;
    near.addEventListener("submit", function (event) {
      /* Without a network there is nobody to ask, and the page says so. */
      if (navigator.onLine === false) { return; }
      event.preventDefault();
      locate(near, function () { near.submit(); });
    });
  }

  var found = document.querySelector("form[data-optional]");
  if (found && canLocate) {
    var here = found.querySelector("[data-here]");
    here.hidden = false;
    here.querySelector("button").addEventListener("click", function () {
      locate(found, function () { here.querySelector("[data-done]").hidden = false; });
    });
  }
}());
