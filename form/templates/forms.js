(function () {
  var forms = document.querySelectorAll("form");
  forms.forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  });
  addEventListener("pageshow", function () {
    forms.forEach(function (form) { delete form.dataset.sent; });
  });
  document.querySelectorAll("[data-wait-hint]").forEach(function (hint) { hint.hidden = true; });
  document.querySelectorAll("[data-wait]").forEach(function (button) {
    var label = button.textContent;
    var end = Date.now() + button.dataset.wait * 1000;
    (function tick() {
      var left = Math.ceil((end - Date.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = label;
      if (left <= 0) return;
      button.textContent += " (" + Math.floor(left / 60) + ":" + ("0" + left % 60).slice(-2) + ")";
      setTimeout(tick, 500);
    })();
  });
})();
