{
  const { told, listener } = document.body.dataset;
  (window.opener ?? window.parent).postMessage(JSON.parse(told), listener);
}
