// Says in the page that a passkey was not used, where allauth would only write to the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const fault of document.querySelectorAll("[data-passkey-fault]")) {
    fault.hidden = false;
  }
});
