// What anybody must be able to do with a page: told as a list of what is wrong.
const wrong = [];
const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const named = (e) => [...(e.labels || [])].some((l) => l.innerText.trim()) || e.getAttribute('aria-label') || e.innerText.trim() || e.getAttribute('title') || e.querySelector('img[alt]:not([alt=""])');
const tell = (what, e) => wrong.push(what + ': ' + e.outerHTML.slice(0, 140));

// Names (WCAG 4.1.2), alternatives (1.1.1), language (3.1.1), title (2.4.2).
for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')) if (shown(e) && !named(e)) tell('no name', e);
for (const e of document.querySelectorAll('img:not([alt])')) tell('no alternative', e);
if (!document.documentElement.lang) wrong.push('no language');
if (!document.title) wrong.push('no title');
if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('two of id ' + id);
for (const e of document.querySelectorAll('table')) if (!e.querySelector('th[scope]')) tell('a table without heads', e);
for (const e of document.querySelectorAll('[tabindex]')) if (Number(e.getAttribute('tabindex')) > 0) tell('jumps the order of the keyboard', e);

// Contrast (1.4.3): 4.5 for text, 3 for large text.
const parse = (c) => { const n = c.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
const ground = (e) => { for (let n = e; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !shown(e) || e.closest('.hide, .skip, script, option, [disabled]')) continue;
  const style = getComputedStyle(e);
  const [a, b] = [light(parse(style.color)), light(ground(e))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const size = parseFloat(style.fontSize);
  const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  if (ratio < least) tell('contrast ' + ratio.toFixed(2), e);
}

// Nothing sticks out to the side (1.4.10).
if (document.documentElement.scrollWidth > document.documentElement.clientWidth + 1) wrong.push('wider than the window by ' + (document.documentElement.scrollWidth - document.documentElement.clientWidth));
return wrong;
