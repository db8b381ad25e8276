// Before a form is sent by a button for passkeys, the browser makes one, or has one sign; what comes of it goes along.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) return;
  const said = document.getElementById("passkey-said");

  function asked(button) {
    const options = JSON.parse(button.dataset.options);
    if (button.dataset.passkey === "get") {
      return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    }
    const { name, address } = button.form.elements;
    if (name && name.value) options.user.displayName = name.value;
    if (address && address.value) options.user.name = address.value;
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }

  for (const button of document.querySelectorAll("button[data-passkey]")) {
    button.hidden = false;
    button.form.addEventListener("submit", async (event) => {
      if (event.submitter !== button) return;
      event.preventDefault();
      said.hidden = true;
      try {
        const credential = await asked(button);
        button.form.elements.credential.value = JSON.stringify(credential.toJSON());
        button.form.submit();
      } catch (error) {
        said.textContent = `No passkey was used, and nothing was sent: ${error.name}: ${error.message}`;
        said.hidden = false;
        said.scrollIntoView({ block: "nearest" });
      }
    });
  }
})();
