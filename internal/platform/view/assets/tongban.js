/*
 * Tongban's own script: every page works without it, it only makes them kinder.
 * Plain ES2020 for default-src 'self'. README.md lists the data- attributes.
 * No words live here: they come from data-text-… on the element or on <body>.
 */
(() => {
	'use strict';
	const doc = document, root = doc.documentElement, win = window;
	const $ = (s, el = doc) => el.querySelector(s);
	const $$ = (s, el = doc) => [...el.querySelectorAll(s)];
	const on = (type, fn, opt) => doc.addEventListener(type, fn, opt);
	const near = (e, s) => e.target.closest && e.target.closest(s);
	const say = (name, el, values = {}) => ((el && el.dataset[name]) || doc.body.dataset[name] || '').replace(/\{(\w+)\}/g, (m, k) => values[k] ?? m);
	const size = (n) => (n < 1048576 ? Math.ceil(n / 1024) + ' KB' : (n / 1048576).toFixed(1) + ' MB');
	const make = (tag, cls, text = '') => Object.assign(doc.createElement(tag), { className: cls, textContent: text });

	function toast(text) {
		if (!text) return;
		let all = $('.tb-toasts');
		if (!all) {
			all = make('div', 'tb-toasts');
			all.setAttribute('role', 'status');
			doc.body.append(all);
		}
		const t = make('div', 'tb-toast', text);
		all.append(t);
		setTimeout(() => t.remove(), 8000);
	}

	// ---- local copies: only what the server has not confirmed, a week at most ----
	const quiet = (fn) => { try { return fn(); } catch { return null; } };
	const box = {
		get: (k) => quiet(() => JSON.parse(localStorage.getItem('tb:' + k))),
		set: (k, v) => quiet(() => localStorage.setItem('tb:' + k, JSON.stringify(v))),
		drop: (k) => quiet(() => localStorage.removeItem('tb:' + k)),
		keys: () => quiet(() => Object.keys(localStorage).filter((k) => k.startsWith('tb:')).map((k) => k.slice(3))) || [],
	};

	// ---- autosave ----
	const savers = new WeakMap();
	const SKIP = 'button,[type=file],[type=password],[type=submit],[type=image],[type=button],[type=reset],[data-autosave-skip]';
	const ticks = (el) => el.type === 'checkbox' || el.type === 'radio';

	function fields(form) {
		const out = new URLSearchParams();
		for (const el of form.elements) {
			if (!el.name || el.disabled || el.matches(SKIP) || (ticks(el) && !el.checked)) continue;
			for (const v of el.multiple && el.options ? [...el.selectedOptions].map((o) => o.value) : [el.value]) out.append(el.name, v);
		}
		return out;
	}
	// What a person typed, without the revision, tells whether anything changed.
	function typed(form) {
		const p = fields(form);
		$$('[data-autosave-rev-field]', form).forEach((r) => p.delete(r.name));
		return p.toString();
	}
	function refill(form, text) {
		const p = new URLSearchParams(text), taken = {};
		for (const el of form.elements) {
			if (!el.name || el.type === 'hidden' || el.matches(SKIP)) continue;
			const vs = p.getAll(el.name);
			if (ticks(el)) el.checked = vs.includes(el.value);
			else if (el.multiple && el.options) for (const o of el.options) o.selected = vs.includes(o.value);
			else el.value = vs[taken[el.name] = (taken[el.name] ?? -1) + 1] ?? el.value;
		}
	}

	// Every tab keeps its copy under a mark of its own, so that none overwrites another's.
	const tab = Math.random().toString(36).slice(2, 8);
	const isCopyOf = (key, k) => k === key || k.startsWith(key + '#');
	const copiesOf = (key) => box.keys().filter((k) => isCopyOf(key, k)).map((k) => ({ k, ...box.get(k) })).filter((c) => typeof c.data === 'string').sort((a, b) => b.at - a.at);
	// Whether two contents of a form say the same to a person.
	function alike(form, a, b) {
		const [x, y] = [a, b].map((t) => new URLSearchParams(t));
		const about = $$('[data-autosave-about]', form).map((el) => el.name);
		const all = (p, name) => p.getAll(name).filter((v) => v.trim()).join('\n');
		return [...new Set([...x.keys(), ...y.keys()])].every((name) => about.includes(name) || all(x, name) === all(y, name));
	}

	function autosave(form) {
		if (savers.has(form)) return;
		const d = form.dataset, key = d.autosaveKey, own = key && key + '#' + tab;
		const status = $('[data-autosave-status]', form) || $('[data-autosave-status]');
		const clock = (at) => new Date(at).toLocaleTimeString(root.lang || [], { hour: '2-digit', minute: '2-digit' });
		// The page shows what was not saved because somebody else saved: it waits for a decision.
		const held = d.autosaveHeld !== undefined;
		let saved = typed(form), doubt = '', kept = false, timer = 0, since = 0, wait = 0, sending = null, stopped = held, why = '', stale = false;
		const dirty = () => held || typed(form) !== saved;
		const keep = () => { kept = !!own && box.set(own, { rev: d.autosaveRev, data: typed(form), at: Date.now(), apart: held }) !== null; };
		const drop = () => { if (own) box.drop(own); };
		const later = (ms) => { clearTimeout(timer); timer = setTimeout(send, ms); };
		const post = (data, more) => {
			const body = new URLSearchParams(data);
			$$('[data-autosave-rev-field]', form).forEach((el) => body.set(el.name, d.autosaveRev || ''));
			return fetch(d.autosave, { method: 'POST', body, redirect: 'manual', headers: { 'X-Autosave': '1', 'X-Autosave-Rev': d.autosaveRev || '', Accept: 'application/json' }, ...more });
		};
		function show(state, values, href, label) {
			if (!status) return;
			const name = 'text' + state[0].toUpperCase() + state.slice(1);
			const text = say(name + (kept ? '' : 'Here'), status, values) || say(name, status, values);
			status.dataset.state = state;
			status.setAttribute('aria-live', /^sav/.test(state) ? 'off' : 'polite'); // read trouble aloud
			if (status.textContent === text) return;
			status.textContent = text;
			if (!href) return;
			const a = Object.assign(make('a', '', label || text), { href });
			if (label) status.append(' ', a);
			else status.replaceChildren(a);
		}
		const lost = () => show(navigator.onLine ? 'failed' : 'offline');
		function retry(now) {
			doubt = now; // it may have arrived all the same
			lost();
			wait = Math.min(wait ? wait * 2 : 2000, 60000);
			later(wait * (0.75 + Math.random() / 2));
		}
		function halt(reason) { stopped = true; why = reason; }
		async function send() {
			clearTimeout(timer);
			since = 0;
			if (stopped || sending || !(doubt || dirty()) || !form.isConnected) return;
			// What may have arrived without an answer goes once more as it was: the server knows it again.
			const now = doubt || typed(form), ctl = sending = new AbortController();
			const limit = setTimeout(() => ctl.abort(), 20000);
			if (!wait) show('saving');
			try {
				const res = await post(now, { signal: ctl.signal });
				if (stopped) return;
				if (res.status === 401 || res.type === 'opaqueredirect') { // signed out: the copy stays
					halt('signin');
					show('signin', {}, status?.dataset.signin);
				} else if (res.status === 409) {
					halt('conflict');
					show('conflict'); // sent as a form, it comes back with both texts
					if (form.contains(status)) status.append(' ', Object.assign(make('button', 'btn btn-sm', say('textReload', status)), { name: 'go', value: 'save' }));
				} else if (res.ok) {
					const got = await res.json();
					d.autosaveRev = got.rev;
					$$('[data-autosave-rev-field]', form).forEach((el) => { el.value = got.rev; });
					$$('[data-computed]', form).forEach((el) => { // what the server worked out of it
						const v = got.computed?.[el.dataset.computed];
						if (v !== undefined) el.textContent = v || el.dataset.empty;
					});
					saved = now;
					wait = 0;
					doubt = '';
					if (dirty()) keep(); // typed on meanwhile
					else {
						drop();
						show('saved', { time: clock(got.savedAt || Date.now()) });
					}
					if (stale) part(typed(form)).then(() => { stale = false; }, () => 0);
				} else if (res.status >= 500 || res.status === 429) retry(now);
				else { doubt = ''; show('failed'); } // refused as it stands: the next change tries again
			} catch {
				if (!stopped) retry(now);
			} finally {
				clearTimeout(limit);
				sending = null;
				if (!stopped && !wait && dirty() && typed(form) !== now) later(800);
			}
		}
		function changed() {
			if (!dirty() && !doubt) { if (!sending) drop(); return; }
			keep();
			if (stopped) return;
			if (!navigator.onLine) show('offline');
			else if (!wait) show('saving');
			if (wait) return; // the next try is on its way
			since = since || Date.now();
			later(Math.max(0, Math.min(800, since + 4000 - Date.now()))); // who never pauses is saved, too
		}
		form.addEventListener('input', changed);
		form.addEventListener('change', changed);

		// Questions and rows as these answers open them.
		async function part(data) {
			const old = $('[data-form-part]', form), url = old?.dataset.formPart;
			if (!url) return;
			const res = await fetch(url, { method: 'POST', body: new URLSearchParams(data), redirect: 'manual', headers: { 'HX-Request': 'true' } });
			const now = res.ok && $('[data-form-part]', new DOMParser().parseFromString(await res.text(), 'text/html'));
			if (!now) throw new Error('part');
			const at = doc.activeElement?.id, typedOn = typed(form);
			old.replaceWith(now);
			if (win.htmx) htmx.process(now);
			start(now);
			refill(form, typedOn);
			if (at && doc.activeElement === doc.body) doc.getElementById(at)?.focus();
		}

		savers.set(form, {
			now() { wait = 0; send(); },
			again() { if (why === 'signin') { stopped = false; why = ''; wait = 0; send(); } },
			down() { if (dirty() && !stopped) show('offline'); },
			missed() { stale = true; },
			unkept: () => dirty() && !kept && !form.dataset.busy && (stopped || wait > 0 || !navigator.onLine),
			// The page goes away: one last try; the copy stays.
			leave() { if (!stopped && !sending && dirty()) post(doubt || typed(form), { keepalive: true }).catch(() => 0); },
			stop() { halt(''); clearTimeout(timer); sending?.abort(); },
			go() { if (!held) stopped = false; },
		});

		if (!key) return;
		const offer = $('[data-autosave-offer]'), text = typed(form);
		const others = copiesOf(key).filter((c) => (alike(form, c.data, text) ? box.drop(c.k) : true));
		if (held) { keep(); show('held'); }
		const newest = !held && others[0];
		if (newest && !newest.apart && String(newest.rev) === d.autosaveRev) { // nothing was saved since
			others.shift();
			form.inert = true;
			part(newest.data).catch(() => 0).then(() => {
				refill(form, newest.data);
				form.inert = false;
				if (!alike(form, typed(form), newest.data)) return offered([newest]); // a place for it is missing: it is not thrown away
				doubt = newest.data;
				keep();
				box.drop(newest.k);
				show('restored');
				later(800);
			});
		}
		offered(others);

		// A copy that is older than what the server has is offered, never dropped by itself.
		function offered(list) {
			if (!offer) return;
			for (const c of list.slice(0, 3)) {
				const b = offer.cloneNode(true), when = $('[data-autosave-offer-text]', b);
				b.hidden = false;
				when.textContent = say('text', when, { time: new Date(c.at).toLocaleString(root.lang || [], { month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit' }) });
				$('[data-autosave-offer-show]', b).onclick = () => {
					const f = Object.assign(make('form', ''), { method: 'post', action: form.getAttribute('action'), hidden: true });
					const put = (name, value) => f.append(Object.assign(make('textarea', ''), { name, value }));
					new URLSearchParams(c.data).forEach((v, k) => put(k, v));
					$$('[data-autosave-rev-field]', form).forEach((el) => put(el.name, '0')); // comes back with both texts
					put('go', 'save');
					doc.body.append(f);
					f.submit();
				};
				$('[data-autosave-offer-drop]', b).onclick = () => { box.drop(c.k); b.remove(); };
				offer.before(b);
			}
		}
	}
	const saver = (form, act) => savers.get(form)?.[act]();
	const savings = (act) => $$('form[data-autosave]').forEach((f) => saver(f, act));
	win.addEventListener('online', () => savings('now'));
	win.addEventListener('offline', () => savings('down'));
	win.addEventListener('pagehide', () => savings('leave'));
	on('visibilitychange', () => { if (!doc.hidden) savings('again'); }); // signed in again in another tab
	// Where nothing can be kept in the browser, who leaves is asked first.
	win.addEventListener('beforeunload', (e) => { if ($$('form[data-autosave]').some((f) => saver(f, 'unkept'))) e.preventDefault(); });

	// ---- confirmation: before anything else hears the click ----
	on('click', (e) => {
		const el = near(e, '[data-confirm]');
		if (!el) return;
		if (el.confirmed) { el.confirmed = false; return; }
		e.preventDefault();
		e.stopImmediatePropagation();
		const dlg = make('dialog', 'tb-dialog'), acts = make('div', 'tb-dialog-acts'), p = make('p', '', el.dataset.confirm);
		const no = make('button', 'btn', say('textCancel', el) || '×');
		const yes = make('button', 'btn btn-primary', el.dataset.confirmOk || el.textContent.trim());
		dlg.setAttribute('aria-label', p.textContent);
		no.type = yes.type = 'button';
		no.onclick = () => dlg.close();
		yes.onclick = () => { dlg.close(); el.confirmed = true; el.click(); };
		dlg.onclose = () => { dlg.remove(); el.focus(); };
		acts.append(no, yes);
		dlg.append(p, acts);
		doc.body.append(dlg);
		dlg.showModal();
		(el.dataset.key ? yes : no).focus(); // a command with a key of its own is daily work: Enter goes on
	}, true);

	// ---- forms: one submission at a time ----
	const submits = (form) => [...form.elements].filter((el) => el.type === 'submit');
	function busy(form, by) {
		form.dataset.busy = '1';
		// After the event, so that the pressed button's value is still sent.
		setTimeout(() => submits(form).forEach((b) => {
			if (b.disabled) return;
			b.dataset.wasOn = '1';
			b.disabled = true;
			if (b === by) { b.classList.add('tb-busy'); b.setAttribute('aria-busy', 'true'); }
		}));
	}
	function idle(form) {
		delete form.dataset.busy;
		saver(form, 'go');
		setTimeout(() => submits(form).forEach((b) => {
			if (!b.dataset.wasOn) return;
			delete b.dataset.wasOn;
			b.disabled = false;
			b.classList.remove('tb-busy');
			b.removeAttribute('aria-busy');
		}));
	}
	on('submit', (e) => {
		if (e.target.dataset.busy) { e.preventDefault(); e.stopImmediatePropagation(); }
	}, true);
	on('submit', (e) => {
		const form = e.target, by = e.submitter;
		if (e.defaultPrevented || form.getAttribute('method') === 'dialog') return;
		if (form.matches('[data-noguard],[target=_blank]') || by?.formTarget === '_blank') return;
		if (by?.matches('[data-upload]')) { // one file of a larger form, which stays and goes on saving itself
			e.preventDefault();
			saver(form, 'now');
			return upload(form, by);
		}
		if (form.matches('[data-signout]')) box.keys().forEach(box.drop);
		if (savers.has(form) && !navigator.onLine) { // a page that cannot be reached would take this one away
			e.preventDefault();
			saver(form, 'down');
			return toast(say('textStay', $('[data-autosave-status]', form)));
		}
		saver(form, 'stop');
		busy(form, by);
		if (form.matches('[data-upload]')) { e.preventDefault(); upload(form, by); }
	});
	win.addEventListener('pageshow', () => $$('form[data-busy]').forEach(idle));

	// ---- files ----
	on('change', (e) => {
		const el = e.target, max = +el.dataset.maxBytes;
		if (el.type !== 'file' || !max) return;
		const bad = [...el.files].find((f) => f.size > max);
		const field = el.closest('.tb-field') || el.form, msg = field && $('[data-file-message]', field);
		if (msg) msg.textContent = bad ? say('textTooBig', el, { name: bad.name, size: size(bad.size), max: size(max) }) : '';
		if (bad) el.value = '';
		el.setAttribute('aria-invalid', !!bad);
		field?.classList.toggle('tb-field-bad', !!bad);
		if (!bad && el.value) $('[data-upload]', el.closest('[data-upload-zone]') || doc.createElement('i'))?.click(); // sent as soon as chosen
	});

	// Files dropped beside an input are chosen in it.
	const zoneOf = (e) => e.dataTransfer?.types?.includes('Files') && near(e, '[data-upload-zone]');
	for (const kind of ['dragover', 'dragleave', 'drop']) on(kind, (e) => {
		const zone = zoneOf(e), el = zone && $('input[type=file]', zone);
		if (!el) return;
		e.preventDefault();
		zone.classList.toggle('tb-dropping', kind === 'dragover');
		if (kind !== 'drop') return;
		el.files = e.dataTransfer.files;
		el.dispatchEvent(new Event('change', { bubbles: true }));
	});

	// A large file goes in pieces: what came stays, and after a lost network, another
	// visit or a restart of the server it goes on from there.
	const wait = (ms) => new Promise((go) => { setTimeout(go, ms); win.addEventListener('online', go, { once: true }); });
	async function inPieces(zone, file, told, off) {
		const ask = async (url, opts) => {
			const r = await fetch(url, { ...opts, signal: off, headers: { Accept: 'application/json', ...opts?.headers } });
			if (r.ok) return r.json();
			throw Object.assign(new Error('upload'), { status: r.status });
		};
		let at = await ask(zone.dataset.uploadPieces, { method: 'POST', body: new URLSearchParams({ name: file.name, size: file.size, mark: file.lastModified }) });
		const url = `${zone.dataset.uploadAt}/${at.id}`;
		for (let tries = 0; at.offset < at.size;) {
			told(at.offset);
			try {
				at = await ask(url, { method: 'POST', body: file.slice(at.offset, at.offset + at.piece), headers: { 'Upload-Offset': at.offset, 'Content-Type': 'application/offset+octet-stream' } });
				tries = 0;
			} catch (e) {
				const lost = !e.status || e.status === 409 || e.status === 429 || e.status >= 500;
				if (off.aborted || !lost || ++tries > 12) throw e;
				if (e.status !== 409) await wait(Math.min(500 * 2 ** tries, 30000));
				at = await ask(url).catch(() => at);
			}
		}
		return at.id;
	}

	function upload(form, by) {
		const zone = (by?.matches('[data-upload]') && by.closest('[data-upload-zone]')) || form;
		const part = (name) => $(`[data-upload-${name}]`, zone);
		const bar = part('progress'), words = part('text'), msg = part('message'), stop = part('cancel');
		const data = zone === form ? new FormData(form) : new FormData(), xhr = new XMLHttpRequest();
		const files = zone === form && !zone.dataset.uploadPieces ? [] : $$('input[type=file]', zone).flatMap((el) => [...el.files].map((f) => [el.name, f]));
		const big = zone.dataset.uploadPieces ? files.filter(([, f]) => f.size > 512 * 1024) : [], off = new AbortController();
		files.forEach(([name]) => data.delete(name));
		files.filter((x) => !big.includes(x)).forEach(([name, f]) => data.append(name, f));
		if (by?.name) data.append(by.name, by.value);
		const state = (running, name) => {
			for (const el of [bar, words, stop]) if (el) el.hidden = !running;
			if (msg) msg.textContent = name ? say(name, msg) || say('textFailed', msg) : '';
			if (zone !== form) { by.disabled = running; by.classList.toggle('tb-busy', running); }
			else if (!running) idle(form);
		};
		state(true);
		const moved = ({ loaded, total }) => {
			if (!total) return;
			if (bar) Object.assign(bar, { max: total, value: loaded });
			if (words) words.textContent = say('text', words, { done: size(loaded), total: size(total), percent: Math.floor((loaded / total) * 100) });
		};
		if (!big.length) xhr.upload.onprogress = moved;
		xhr.onload = () => {
			const code = xhr.status, main = $('main');
			const row = zone !== form && code < 500 && zone.closest('.tb-material');
			const now = row && $('.tb-material', new DOMParser().parseFromString(xhr.responseText, 'text/html'));
			if (now) { // the row as it stands now, or with what is wrong
				row.replaceWith(now);
				if (win.htmx) htmx.process(now);
				start(now);
				return $('a,input', now)?.focus();
			}
			if (code < 400) return location.assign(xhr.getResponseHeader('Location') || xhr.responseURL);
			if (code === 413) return state(false, 'textTooBig');
			if (code === 401) return state(false, 'textSignin');
			const page = code < 500 && $('main', new DOMParser().parseFromString(xhr.responseText, 'text/html'));
			if (!page || !main) return state(false, 'textFailed');
			main.replaceWith(page);
			if (win.htmx) htmx.process(page);
			start(page);
		};
		xhr.onerror = () => state(false, 'textFailed');
		xhr.onabort = () => state(false);
		if (stop) stop.onclick = () => { off.abort(); xhr.abort(); };
		xhr.open('POST', by?.getAttribute('formaction') || form.getAttribute('action') || location.href);
		xhr.setRequestHeader('X-Upload', '1');
		if (!big.length) return xhr.send(data);
		const total = big.reduce((n, [, f]) => n + f.size, 0);
		(async () => {
			let before = 0;
			for (const [name, f] of big) {
				try {
					data.append('upload', await inPieces(zone, f, (n) => moved({ loaded: before + n, total }), off.signal));
				} catch (e) {
					if (e.status !== 422) throw e;
					data.append(name, f); // the answer to the whole file says what is wrong with it
				}
				moved({ loaded: before += f.size, total });
			}
			xhr.send(data);
		})().catch((e) => (off.signal.aborted ? state(false) : state(false, e.status === 401 ? 'textSignin' : 'textFailed')));
	}

	// ---- small buttons ----
	async function copy(text) {
		try { await navigator.clipboard.writeText(text); return true; } catch { /* plain http */ }
		const t = make('textarea', 'tb-vh', text);
		doc.body.append(t);
		t.select();
		const ok = quiet(() => doc.execCommand('copy'));
		t.remove();
		return ok;
	}
	on('click', async (e) => {
		$$('details.tb-menu[open]').forEach((m) => { m.open = m.contains(e.target); });
		const el = near(e, '[data-print],[data-copy],[data-copy-from],[data-close]');
		if (!el) return;
		e.preventDefault();
		if (el.matches('[data-print]')) return win.print();
		if (el.matches('[data-close]')) return el.closest('dialog').close();
		const from = el.dataset.copyFrom && $(el.dataset.copyFrom);
		if (await copy(from ? (from.value || from.textContent).trim() : el.dataset.copy)) {
			el.focus();
			toast(say('textCopied', el));
		}
	});

	// ---- keys of the workbench ----
	const seen = (el) => el.getClientRects().length > 0;
	const rows = () => $$('[data-keylist] [data-row]').filter(seen);
	const door = (row) => (row.matches('a,button') ? row : $('a,button', row));
	on('focusin', (e) => {
		const row = near(e, '[data-keylist] [data-row]');
		if (row) rows().forEach((r) => r.classList.toggle('tb-current', r === row));
	});
	on('keydown', (e) => {
		const k = e.key, keys = $('dialog#keys'), menu = k === 'Escape' && $('details.tb-menu[open]');
		if (menu) { menu.open = false; $('summary', menu).focus(); }
		if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || root.dataset.keys === 'off') return;
		if (near(e, 'input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]')) return;
		const all = rows(), at = all.findIndex((r) => r.matches('.tb-current'));
		let run = null;
		if (k === '?' && keys) run = () => (keys.open ? keys.close() : keys.showModal());
		else if ($('dialog[open]')) return;
		else if (k === '/') run = $('[data-key-search]') && (() => $('[data-key-search]').focus());
		else if (k === 'j' || k === 'k') {
			const row = all[at < 0 ? 0 : at + (k === 'j' ? 1 : -1)];
			run = row && (() => { door(row).focus({ preventScroll: true }); row.scrollIntoView({ block: 'nearest' }); });
		} else if (k === 'x' && near(e, '[data-row]') && $('[data-pick]', near(e, '[data-row]'))) {
			run = () => $('[data-pick]', near(e, '[data-row]')).click();
		} else if (k === 'Enter') run = e.target === doc.body && at >= 0 && (() => door(all[at]).click());
		else if (!e.repeat) {
			const el = $$('[data-key]').find((x) => x.dataset.key === k && !x.disabled && seen(x));
			run = el && (() => { el.focus(); el.click(); });
		}
		if (run) { e.preventDefault(); run(); }
	});

	// ---- lists: tick the page, say how many are ticked ----
	function picked() {
		const all = $$('[data-pick]'), n = all.filter((x) => x.checked).length, go = $('[data-pick-go]'), page = $('[data-pick-all]');
		if (!go) return;
		go.dataset.textPlain = go.dataset.textPlain || go.textContent;
		go.textContent = n ? say('textGo', go, { n }) : go.dataset.textPlain;
		go.classList.toggle('btn-primary', n > 0);
		if (page) { page.checked = n > 0 && n === all.length; page.indeterminate = n > 0 && n < all.length; }
	}
	on('change', (e) => {
		if (near(e, '[data-pick-all]')) $$('[data-pick]').forEach((x) => { x.checked = e.target.checked; });
		if (near(e, '[data-pick-all],[data-pick]')) picked();
	});
	win.addEventListener('pageshow', picked); // coming back, the browser has ticked them again

	// ---- a signature by finger, pen or mouse ----
	const padAt = (c, e) => {
		const r = c.getBoundingClientRect();
		return [(e.clientX - r.left) * c.width / r.width, (e.clientY - r.top) * c.height / r.height];
	};
	let pen = null;
	on('pointerdown', (e) => {
		if (!e.target.matches('[data-sign] canvas') || e.button) return;
		e.preventDefault();
		const c = e.target, to = c.getContext('2d');
		c.setPointerCapture(e.pointerId);
		Object.assign(to, { lineWidth: 4, lineCap: 'round', lineJoin: 'round', strokeStyle: '#000' });
		to.beginPath();
		to.moveTo(...padAt(c, e));
		pen = { c, to };
	});
	on('pointermove', (e) => {
		if (!pen || e.target !== pen.c) return;
		pen.to.lineTo(...padAt(pen.c, e));
		pen.to.stroke();
	});
	const penUp = () => {
		if (pen) $$('input', pen.c.parentNode)[0].value = pen.c.toDataURL('image/png');
		pen = null;
	};
	on('pointerup', penUp);
	on('pointercancel', penUp);
	on('click', (e) => {
		if (!e.target.matches('[data-sign-clear]')) return;
		const f = e.target.closest('[data-sign]'), c = $$('canvas', f)[0];
		c.getContext('2d').clearRect(0, 0, c.width, c.height);
		$$('input', f)[0].value = '';
	});

	// ---- htmx: the same guard for forms, and a word when the line is down ----
	on('htmx:beforeRequest', (e) => {
		const { elt, requestConfig: c } = e.detail;
		if (elt.tagName !== 'FORM' || c.verb === 'get') return;
		saver(elt, 'stop');
		busy(elt, c.triggeringEvent?.submitter);
	});
	on('htmx:afterRequest', (e) => { if (e.detail.elt.dataset.busy) idle(e.detail.elt); });
	// [data-keep-typed]: what was typed or chosen while the answer was on its way stays
	const inputs = (el) => $$('input, select, textarea', el).filter((x) => x.name && !['hidden', 'file', 'submit'].includes(x.type));
	const ticked = (x) => /radio|checkbox/.test(x.type);
	// several inputs may have one name (the parts of an address): then their order tells them apart
	const keyed = (part) => { const seen = {}; return inputs(part).map((x) => [x.name + (ticked(x) ? '=' + x.value : '#' + (seen[x.name] = (seen[x.name] ?? -1) + 1)), x]); };
	let kept = null;
	on('htmx:beforeSwap', (e) => {
		const part = e.detail.target;
		if (!e.detail.shouldSwap || !part.matches?.('[data-keep-typed]')) return;
		kept = { id: part.id, at: doc.activeElement?.id, all: new Map(keyed(part).map(([k, x]) => [k, ticked(x) ? x.checked : x.value])) };
	});
	on('htmx:afterSwap', () => {
		const part = kept && doc.getElementById(kept.id);
		if (!part) return;
		keyed(part).forEach(([k, x]) => {
			const v = kept.all.get(k);
			if (v === undefined || x.tagName === 'SELECT' && ![...x.options].some((o) => o.value === v)) return;
			if (typeof v === 'boolean') x.checked = v; else if (x.value !== v) x.value = v;
		});
		if (kept.at && doc.activeElement === doc.body) doc.getElementById(kept.at)?.focus();
		kept = null;
		part.closest('form')?.dispatchEvent(new Event('change')); // rows that came or went are saved, too
	});
	// the row whose link changed the pane beside the list is the one shown
	on('htmx:afterSwap', (e) => {
		const row = near({ target: e.detail.requestConfig?.elt || doc.body }, '[data-keylist] [data-row]');
		if (row) rows().forEach((r) => (r === row ? r.setAttribute('aria-selected', 'true') : r.removeAttribute('aria-selected')));
	});
	for (const t of ['sendError', 'responseError']) on('htmx:' + t, (e) => {
		const el = e.detail.elt;
		toast(say('textNeterror', el));
		if (el.form && savers.has(el.form)) saver(el.form, 'missed');
	});
	on('htmx:load', (e) => start(e.detail.elt));

	function start(el) {
		const all = (s) => (el.matches(s) ? [el] : []).concat($$(s, el));
		all('[data-autosave-clear]').forEach((x) => box.keys().filter((k) => isCopyOf(x.dataset.autosaveClear, k)).forEach(box.drop));
		all('[data-js][hidden]').forEach((x) => { x.hidden = false; });
		all('form[data-autosave]').forEach(autosave);
		all('[data-focus]').slice(0, 1).forEach((x) => x.focus());
	}
	function init() {
		box.keys().forEach((k) => { if (!(box.get(k)?.at > Date.now() - 6048e5)) box.drop(k); });
		start(doc.body);
	}
	if (doc.readyState === 'loading') on('DOMContentLoaded', init);
	else init();

	// ---- a number beside the slider that moves it ----
	on('input', (e) => {
		if (e.target.type !== 'range' || !e.target.id) return;
		$$('output[for="' + CSS.escape(e.target.id) + '"]').forEach((o) => { o.textContent = Number(e.target.value).toLocaleString('en', { maximumFractionDigits: 6 }); });
	});
})();
