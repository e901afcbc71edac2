// Runs before the first paint, so that a chosen theme never flashes. A file of
// its own, because the page's policy allows no inline scripts.
(function () {
  try {
    var theme = JSON.parse(localStorage.getItem("stardrive.preferences") || "{}").theme;
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // no storage: the system's theme holds
  }
})();
