/* Passkeys: asks the site what to ask, asks the browser, and sends its answer with the form it belongs to. */
(() => {
	'use strict';
	const able = window.PublicKeyCredential && navigator.credentials;
	const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
	const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
	const ids = (list) => (list || []).map((x) => ({ ...x, id: bytes(x.id) }));

	async function make(o) {
		const c = await navigator.credentials.create({
			publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: ids(o.excludeCredentials) },
		});
		return {
			id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(), authenticatorAttachment: c.authenticatorAttachment || undefined,
			response: { clientDataJSON: text(c.response.clientDataJSON), attestationObject: text(c.response.attestationObject), transports: c.response.getTransports ? c.response.getTransports() : [] },
		};
	}

	async function show(o) {
		const c = await navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: ids(o.allowCredentials) } });
		return {
			id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(), authenticatorAttachment: c.authenticatorAttachment || undefined,
			response: {
				clientDataJSON: text(c.response.clientDataJSON), authenticatorData: text(c.response.authenticatorData), signature: text(c.response.signature),
				userHandle: c.response.userHandle ? text(c.response.userHandle) : undefined,
			},
		};
	}

	for (const form of document.querySelectorAll('form[data-passkey]')) {
		const say = form.querySelector('[data-passkey-message]'), answer = form.elements.namedItem('answer');
		const elsewhere = form.dataset.origin !== location.origin;
		if (!able || elsewhere) {
			say.textContent = elsewhere ? form.dataset.textElsewhere : form.dataset.textUnable;
			say.hidden = false;
			say.classList.add('tb-soft'); // nobody did anything wrong
			for (const b of form.querySelectorAll('button')) b.disabled = true;
			continue;
		}
		let going = false;
		form.addEventListener('submit', async (event) => {
			if (answer.value) return;
			event.preventDefault();
			if (going) return;
			going = true;
			say.hidden = true;
			try {
				const r = await fetch(form.dataset.passkey, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' }, credentials: 'same-origin' });
				const o = await r.json();
				if (!r.ok) throw new Error(o.errors && o.errors.length ? o.errors[0].message : o.detail);
				const c = form.dataset.passkeyMake === undefined ? await show(o.publicKey) : await make(o.publicKey);
				answer.value = JSON.stringify(c);
				form.requestSubmit();
			} catch (err) {
				say.textContent = err instanceof DOMException ? form.dataset.textStopped : err.message || form.dataset.textStopped;
				say.hidden = false;
			} finally {
				going = false;
			}
		});
	}
})();
