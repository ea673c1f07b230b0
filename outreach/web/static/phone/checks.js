/* What the visit form asks about before it keeps a visit, and the message at the field. */
(function () {
  "use strict";
  var NUMBERS = ["employees", "hardship_workers"];
  var TIMES = 3;
  var PEOPLE = 20;

  /* Whether a count is so far from all that the registers say that a slip of the finger is likely. */
  function isFarOff(count, known) {
    if (!known.length) { return false; }
    var lowest = Math.min.apply(null, known);
    var highest = Math.max.apply(null, known);
    return (count > highest * TIMES && count - highest > PEOPLE) || (count * TIMES < lowest && lowest - count > PEOPLE);
  }

  function grouped(number) { return String(number).replace(/\B(?=(\d{3})+$)/g, ","); }
  function span(known) {
    var lowest = Math.min.apply(null, known);
    var highest = Math.max.apply(null, known);
    return lowest === highest ? grouped(lowest) : grouped(lowest) + "-" + grouped(highest);
  }

  /* The first doubt about what is filled in: the field and the words. A question is asked once, and
     the same answer again is taken; anything else must be mended. */
  function firstDoubt(found, known, texts) {
    var fill = window.OutreachFill;
    var most = Number(texts.most_people);
    var wrong = NUMBERS.filter(function (name) { return typeof found[name] === "string"; })[0];
    if (wrong) { return { name: wrong, text: fill(texts.not_a_number, { value: found[wrong] }) }; }
    var many = NUMBERS.filter(function (name) { return found[name] > most; })[0];
    if (many) { return { name: many, text: fill(texts.too_many, { value: grouped(found[many]), most: grouped(most) }) }; }
    if (found.result === "appointment" && !found.appointed_on) { return { name: "appointed_on", text: texts.choose_day }; }
    if (found.employees !== undefined && isFarOff(found.employees, known)) {
      return { name: "employees", isQuestion: true, text: fill(texts.far_off, { known: span(known), value: grouped(found.employees), button: texts.send }) };
    }
    return null;
  }

  function lineOf(form, name) { return form.querySelector('[data-wrong="' + name + '"]'); }

  /* Whether the field's own question stands there already, so that she has read it. */
  function isAnswered(form, doubt) {
    return Boolean(doubt.isQuestion) && lineOf(form, doubt.name).textContent === doubt.text;
  }
  function sayAt(form, doubt) {
    var field = form.elements[doubt.name];
    var line = lineOf(form, doubt.name);
    line.textContent = doubt.text;
    line.dataset.of = field.value;
    line.hidden = false;
    if (doubt.isQuestion) { field.removeAttribute("aria-invalid"); } else { field.setAttribute("aria-invalid", "true"); }
    field.focus({ preventScroll: true });
    field.scrollIntoView({ block: "center", behavior: "instant" });
  }
  /* A message goes when its field was changed; with `all`, whatever the field says. */
  function unsay(form, all) {
    form.querySelectorAll("[data-wrong]").forEach(function (line) {
      var field = form.elements[line.dataset.wrong];
      if (!all && field.value === line.dataset.of) { return; }
      line.textContent = "";
      line.hidden = true;
      field.removeAttribute("aria-invalid");
    });
  }

  window.OutreachChecks = { isFarOff: isFarOff, grouped: grouped, firstDoubt: firstDoubt, isAnswered: isAnswered, sayAt: sayAt, unsay: unsay };
}());
