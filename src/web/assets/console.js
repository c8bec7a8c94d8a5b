// Parts of a page that change by themselves are fetched again; everything else works without this.
'use strict';

// [data-refresh] is replaced by what its address answers, every [data-every] milliseconds, while
// somebody can see the page and nobody is typing in it.
for (const part of document.querySelectorAll('[data-refresh]')) {
  const every = Number(part.dataset.every) || 5000;
  let shown = part.innerHTML;
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
  setInterval(again, every);
  document.addEventListener('visibilitychange', again);
}

// Times are told in UTC; whoever points at one wants their own.
function localTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime.replace(' ', 'T'));
    if (!Number.isNaN(at.getTime())) time.title = at.toLocaleString();
  }
}
localTimes(document);
