/* Dragging a stop to another place or day, or to the list of what is left out; the menus of the
   page do the same without a mouse. The server answers with the week timed again. */
(function () {
  "use strict";
  var form = document.getElementById("drag");
  if (!form) { return; }
  var dragged = null;
  var mark = document.createElement("li");
  mark.className = "drop-mark";

  /* How many stops of the list come before the pointer. */
  function placeAt(list, y) {
    var others = Array.prototype.filter.call(list.children, function (one) { return one !== dragged && one !== mark; });
    var before = others.filter(function (one) { var box = one.getBoundingClientRect(); return box.top + box.height / 2 < y; });
    return { number: before.length + 1, next: others[before.length] || null };
  }

  document.querySelectorAll("[draggable=true]").forEach(function (one) {
    one.addEventListener("dragstart", function (event) {
      dragged = one;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", one.dataset.key);
      one.classList.add("dragged");
    });
    one.addEventListener("dragend", function () { one.classList.remove("dragged"); mark.remove(); dragged = null; });
  });

  document.querySelectorAll(".lane").forEach(function (lane) {
    var list = lane.querySelector("ol");
    lane.addEventListener("dragover", function (event) {
      if (!dragged) { return; }
      event.preventDefault();
      list.insertBefore(mark, placeAt(list, event.clientY).next);
    });
    lane.addEventListener("drop", function (event) {
      if (!dragged) { return; }
      event.preventDefault();
      send(list.dataset.day + "/" + placeAt(list, event.clientY).number);
    });
  });

  document.querySelectorAll('[data-day="out"]').forEach(function (tray) {
    tray.addEventListener("dragover", function (event) { if (dragged && dragged.tagName === "LI") { event.preventDefault(); } });
    tray.addEventListener("drop", function (event) { if (dragged && dragged.tagName === "LI") { event.preventDefault(); send("out"); } });
  });

  function send(to) {
    form.elements.enterprise.value = dragged.dataset.key;
    form.elements.to.value = to;
    form.submit();
  }

  /* After a change the stop that was moved has the focus, so that the keyboard goes on from there. */
  var moved = window.location.hash && document.getElementById(window.location.hash.slice(1));
  if (moved) { moved.focus(); }
}());
