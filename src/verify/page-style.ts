/** How the page of a finding looks, by day and by night. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1d2430; --quiet: #7a8496; --paper: #fbfbf9; --card: #ffffff; --rule: #d9dde4; --life: #c3c9d4;
  --arrow: #4a7bd0; --bad: #c62f38; --badPaper: #fdecec; --chosen: #fff3c9; --code: #f2f3f6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e7ee; --quiet: #8e98aa; --paper: #14171d; --card: #1b1f27; --rule: #2d333f; --life: #3a4250;
  --arrow: #7ba6f0; --bad: #ff6b72; --badPaper: #3a1d22; --chosen: #3d3513; --code: #232833; } }
* { box-sizing: border-box; }
html, body { margin: 0; height: 100%; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
body { display: flex; flex-direction: column; }
header { padding: 10px 18px 4px; }
h1 { margin: 0; font-size: 16px; color: var(--bad); overflow-wrap: anywhere; }
header p { margin: 2px 0 0; overflow-wrap: anywhere; }
nav { display: flex; gap: 6px; align-items: center; padding: 6px 18px 8px; border-bottom: 1px solid var(--rule); flex-wrap: wrap; }
button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 3px 10px; }
button { cursor: pointer; } button:hover { border-color: var(--arrow); }
input { width: 260px; } #told { color: var(--quiet); }
main { flex: 1; min-height: 0; display: flex; }
#plane { flex: 1; min-width: 0; overflow: auto; position: relative; outline: none; }
#names { position: sticky; top: 0; height: 26px; background: var(--paper); border-bottom: 1px solid var(--rule); z-index: 1; }
#names span { position: absolute; top: 3px; font-weight: 600; white-space: nowrap; }
#height { position: relative; }
#drawing { position: absolute; left: 0; overflow: visible; }
#details { width: 42%; max-width: 680px; min-width: 320px; overflow: auto; border-left: 1px solid var(--rule); background: var(--card); padding: 10px 16px 30px; }
#details h2 { font-size: 14px; margin: 14px 0 4px; } #details h2:first-child { margin-top: 0; }
#details p { margin: 3px 0; overflow-wrap: anywhere; } .quiet { color: var(--quiet); }
pre { margin: 4px 0; padding: 8px 10px; background: var(--code); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.5 ui-monospace, monospace; }
pre.bad { background: var(--badPaper); }
table { border-collapse: collapse; width: 100%; font: 12px/1.5 ui-monospace, monospace; }
td { border-top: 1px solid var(--rule); padding: 2px 8px 2px 0; vertical-align: top; overflow-wrap: anywhere; } td:first-child { white-space: nowrap; color: var(--quiet); }
.row { cursor: pointer; } .row rect { fill: transparent; } .row:hover rect { fill: var(--code); } .row.chosen rect { fill: var(--chosen); }
.row.bad rect { fill: var(--badPaper); } .row.bad text { stroke: var(--badPaper); fill: var(--bad); font-weight: 700; } .row.bad circle { fill: var(--bad); }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; } svg text.quiet { fill: var(--quiet); font-size: 11px; }
.life { stroke: var(--life); stroke-width: 1.5; } .dot { fill: var(--ink); } .arrow { stroke: var(--arrow); stroke-width: 1.4; fill: none; opacity: .8; }
.arrow.chosen { stroke-width: 3; opacity: 1; } .head { fill: var(--arrow); } .stub { stroke: var(--arrow); stroke-dasharray: 3 3; opacity: .8; }
@media (max-width: 800px) { main { flex-direction: column; } #details { width: 100%; max-width: none; border-left: 0; border-top: 1px solid var(--rule); height: 45%; } }
`;
