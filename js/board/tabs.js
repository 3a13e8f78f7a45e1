// Tabs by the ARIA pattern: arrow keys, Home and End move; only the selected tab is in the tab order.

export function tabs(list, shown) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const show = (tab, hasFocus) => {
    for (const one of all) {
      const isShown = one === tab;
      one.setAttribute("aria-selected", isShown);
      one.tabIndex = isShown ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !isShown;
    }
    if (hasFocus) tab.focus();
    shown(tab.getAttribute("aria-controls"));
  };
  list.onclick = ({ target }) => target.closest("[role=tab]") && show(target.closest("[role=tab]"));
  list.onkeydown = (event) => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(all[(to + all.length) % all.length], true);
  };
  return (id) => show(all.find((tab) => tab.getAttribute("aria-controls") === id));
}
