// Parts of a page that change by themselves are fetched again; everything else works without this.
'use strict';

// [data-refresh] is replaced by what its address answers, every [data-every] milliseconds, while
// somebody can see the page and nobody is typing in it.
function refresh(part) {
  let shown = null;
  const again = async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    try {
      const answer = await fetch(part.dataset.refresh, { headers: { 'X-Part': '1' } });
      if (answer.redirected) { location.reload(); return; }
      if (!answer.ok) return;
      const text = await answer.text();
      if (text !== shown) { part.innerHTML = text; shown = text; localTimes(part); }
    } catch { /* The daemon is restarting; the next round tells. */ }
  };
  setInterval(again, Number(part.dataset.every) || 5000);
  document.addEventListener('visibilitychange', again);
  part.addEventListener('again', again);
  again();
}
for (const part of document.querySelectorAll('[data-refresh]')) refresh(part);

// On a phone the pages do not fit side by side: the present one is to be in sight.
document.querySelector('nav [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });

// [data-load] holds a link to what is costly to make; where scripts run it is put in its place.
for (const part of document.querySelectorAll('[data-load]')) {
  const load = async () => {
    try {
      const answer = await fetch(part.dataset.load, { headers: { 'X-Part': '1' } });
      if (answer.ok && !answer.redirected) part.innerHTML = await answer.text();
    } catch { /* The link is still there. */ }
  };
  if ('IntersectionObserver' in window) {
    new IntersectionObserver((seen, watch) => { if (seen.some((one) => one.isIntersecting)) { watch.disconnect(); load(); } }, { rootMargin: '400px' }).observe(part);
  } else load();
}

// Times are told in UTC; whoever points at one wants their own.
function localTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime.replace(' ', 'T'));
    if (!Number.isNaN(at.getTime())) time.title = at.toLocaleString();
  }
}
localTimes(document);

// A form marked [data-upload] sends each file as a request of its own, and shows how far it is.
for (const form of document.querySelectorAll('form[data-upload]')) {
  const input = form.querySelector('input[type=file]');
  const sending = document.querySelector('[data-sending]');
  const results = document.querySelector('[data-results]');
  const most = Number(form.dataset.most);
  const queue = [];
  let under = 0;
  form.querySelector('[data-hint]').hidden = false;

  const line = (text, bad) => {
    const item = document.createElement('li');
    item.className = bad ? 'said bad' : 'said';
    item.textContent = text;
    sending.append(item);
    return item;
  };
  const show = (ids) => {
    const all = [...ids, ...(results.dataset.files ? results.dataset.files.split(',') : [])];
    results.dataset.files = all.slice(0, 200).join(',');
    history.replaceState(null, '', '/upload?files=' + results.dataset.files);
    results.dataset.refresh = '/upload/results?files=' + results.dataset.files;
    if (!results.dataset.every) { results.dataset.every = '1000'; refresh(results); } else { results.dispatchEvent(new Event('again')); }
  };
  const next = () => {
    if (under >= 3 || queue.length === 0) return;
    under += 1;
    const file = queue.shift();
    const item = line(file.name + ' ', false);
    const bar = document.createElement('progress');
    bar.max = 1; bar.value = 0;
    bar.setAttribute('aria-label', 'Sending ' + file.name);
    item.append(bar);
    const body = new FormData();
    const to = form.querySelector('select[name=source]');
    if (to) body.append('source', to.value);
    body.append('files', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('X-CSRF', form.querySelector('input[name=csrf]').value);
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onloadend = () => {
      under -= 1;
      item.remove();
      let said = null;
      try { said = JSON.parse(request.responseText); } catch { /* No answer of ours. */ }
      for (const why of (said ? said.refused : [file.name + ': it could not be sent. Please try again.'])) line(why, true);
      if (said && said.files && said.files.length) show(said.files);
      next();
    };
    request.send(body);
    next();
  };
  const add = (files) => {
    for (const file of files) {
      if (file.size > most) line(file.name + ': too large to be an order file.', true);
      else queue.push(file);
    }
    next();
  };
  form.addEventListener('submit', (event) => { event.preventDefault(); add(input.files); form.reset(); });
  document.addEventListener('dragover', (event) => { event.preventDefault(); form.classList.add('over'); });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) form.classList.remove('over'); });
  document.addEventListener('drop', (event) => { event.preventDefault(); form.classList.remove('over'); add(event.dataTransfer.files); });
}

// [data-all] ticks or unticks all boxes of its form.
for (const all of document.querySelectorAll('input[data-all]')) {
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const box of all.closest('form').querySelectorAll('input[type=checkbox][name^=order-]')) box.checked = all.checked;
  });
}

// On a phone the navigation scrolls: the page's own entry is to be seen.
const here = document.querySelector('nav [aria-current]');
if (here && here.parentElement.scrollWidth > here.parentElement.clientWidth) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 2;
