import { raw } from './markup.js';

/** The one style sheet: light, dark and paper; no font, image or script from anywhere. */
export const STYLE = raw(`
:root{color-scheme:light dark;--bg:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d8dee4;--card:#f6f8fa;--pass:#116329;--passbg:#dafbe1;--fail:#a40e26;--failbg:#ffebe9;--open:#7d4e00;--openbg:#fff3d1;--good:#2da44e;--down:#cf222e;--refused:#e08600;--silent:#8c959f;--a:#0969da;--b:#bc4c00;--l1:#54aeff;--l2:#c297ff;--shade:#cf222e1f}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--ink:#e6edf3;--soft:#9ba5b0;--rule:#30363d;--card:#161b22;--pass:#7ee787;--passbg:#12311c;--fail:#ff9a94;--failbg:#3f1519;--open:#f2cc60;--openbg:#352a0c;--good:#3fb950;--down:#f85149;--refused:#e3a008;--silent:#6e7681;--a:#58a6ff;--b:#f0883e;--l1:#1f6feb;--l2:#8957e5;--shade:#f8514930}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem 1.25rem 3rem;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{margin:0;font-size:1.9rem;line-height:1.15}h2{margin:2.2rem 0 .6rem;font-size:1.2rem;border-bottom:1px solid var(--rule);padding-bottom:.25rem}h3{margin:1.2rem 0 .4rem;font-size:1rem}
p,ul{margin:.35rem 0}ul{padding-left:1.2rem}.scenario{font-size:1.05rem;color:var(--soft);margin:0 0 .6rem}
.verdict{display:flex;gap:1rem;align-items:flex-start;padding:1.1rem 1.25rem;border-radius:10px;border:1px solid;border-left-width:8px}
.verdict p{font-size:1.05rem;margin:.3rem 0 0;color:var(--ink)}.verdict ul{color:var(--ink)}.sign{font-size:2.1rem;line-height:1;font-weight:700;min-width:2rem;text-align:center}
.passed{color:var(--pass);background:var(--passbg);border-color:var(--pass)}.failed,.heal-failed{color:var(--fail);background:var(--failbg);border-color:var(--fail)}.inconclusive,.interrupted{color:var(--open);background:var(--openbg);border-color:var(--open)}
.badge{display:inline-block;white-space:nowrap;padding:.05rem .5rem;border-radius:1rem;font-weight:600;font-size:.86rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.7rem;margin:.9rem 0 0}.tiles div{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.55rem .8rem}.tiles dt{color:var(--soft);font-size:.83rem}.tiles dd{margin:0;font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}.scroll+.scroll{margin-top:1rem}table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;color:var(--soft);font-size:.83rem;padding:.1rem 0 .35rem}
th,td{text-align:left;vertical-align:top;padding:.32rem .7rem .32rem 0;border-bottom:1px solid var(--rule);font-variant-numeric:tabular-nums}thead th{color:var(--soft);font-weight:600;font-size:.83rem}tbody th{font-weight:600}#objectives td:nth-child(3),#objectives td:nth-child(4),#timeline-section td:nth-child(2){white-space:nowrap}.n{text-align:right;padding-right:1.4rem}
code,pre{font:.86em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}pre{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.7rem .9rem;white-space:pre-wrap;margin:.4rem 0}
details{margin:.4rem 0}summary{cursor:pointer;color:var(--soft)}.warn{color:var(--fail);font-weight:600}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:.15rem 1.5rem;margin:.3rem 0}.facts div{display:flex;gap:.6rem}.facts dt{color:var(--soft);min-width:5rem}.facts dd{margin:0;overflow-wrap:anywhere}
.proof dt{font-weight:600;margin-top:.45rem}.proof dd{margin:0 0 0 1rem}
figure{margin:.4rem 0 1rem}figcaption{font-weight:600;font-size:.92rem}.legend{color:var(--soft);font-size:.8rem;font-weight:400;line-height:1.9}
.k{display:inline-block;width:.85rem;height:.7rem;margin:0 .3rem 0 .8rem;border-radius:2px;vertical-align:-1px}.k:first-child{margin-left:0}
svg{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
svg text{fill:var(--ink)}svg .tick,svg .lane{fill:var(--soft)}svg .inbar{font-size:11px;fill:#fff}svg .value{font-weight:600;paint-order:stroke;stroke:var(--bg);stroke-width:3px}
.grid{stroke:var(--rule);stroke-width:1}.fault,.k.v-fault{fill:var(--shade);background:var(--shade)}.faultline{stroke:var(--down);stroke-width:1.5;stroke-dasharray:4 3}.lead{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}
.v-good{fill:var(--good);background:var(--good)}.v-down{fill:var(--down);background:var(--down)}.v-refused{fill:var(--refused);background:var(--refused)}.v-silent,.v-none{fill:var(--silent);background:var(--silent)}.v-output{fill:var(--b);background:var(--b)}.v-leader-a{fill:#0969da}.v-leader-b{fill:#8250df}.phase,.k.v-phase{fill:var(--ink);background:var(--ink)}
.line-a,.line-b{fill:none;stroke-width:1.8;stroke-linejoin:round}.line-a{stroke:var(--a)}.line-b{stroke:var(--b)}.area-a{fill:var(--a);opacity:.1}.area-b{fill:var(--b);opacity:.14}.line-key-a{background:var(--a)}.line-key-b{background:var(--b)}
footer{margin-top:2.5rem;color:var(--soft);font-size:.83rem;border-top:1px solid var(--rule);padding-top:.5rem}
@page{size:A4;margin:14mm}
@media print{:root{font-size:11px;color-scheme:light;--bg:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d8dee4;--card:#f6f8fa;--pass:#116329;--passbg:#dafbe1;--fail:#a40e26;--failbg:#ffebe9;--open:#7d4e00;--openbg:#fff3d1;--good:#2da44e;--down:#cf222e;--refused:#e08600;--silent:#8c959f;--a:#0969da;--b:#bc4c00;--shade:#cf222e1f}body{padding:0;max-width:none;font-size:9pt}h2{margin-top:1.4rem}details:not([open])::details-content{content-visibility:visible;height:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}figure,tr,.verdict,.tiles,.facts div,.proof div{break-inside:avoid}h2,h3,summary,caption,thead{break-after:avoid}.scroll{overflow:visible}.tiles{grid-template-columns:repeat(4,1fr)}.facts{grid-template-columns:1fr 1fr}}
`);
