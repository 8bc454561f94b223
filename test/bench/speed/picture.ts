/** The bars of docs/speed.svg: how many times the floor each flow costs. Legible in light and dark, with no script in it. */
import type { Measured } from './rounds.ts'

const WIDTH = 760
const LEFT = 260
const RIGHT = 60
const TOP = 44
const BAR = 14
const GAP = 12

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .note { fill: #57606a }
  .axis { stroke: #8c959f; stroke-width: 1 }
  .reach { stroke: #bc4c00; stroke-width: 2 }
  .bar0 { fill: #12515c } .bar1 { fill: #8c959f } .bar2 { fill: #c4a35a }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note { fill: #9198a1 } .axis { stroke: #6e7681 } .reach { stroke: #f0883e }
    .bar0 { fill: #8ccdd3 } .bar1 { fill: #6e7681 } .bar2 { fill: #d6bd7f }
  }`

/** Figures that are no multiple of the floor are left out. */
export function picture(figures: Measured[]): string {
  const shown = figures.filter(({ reach, name }) => reach?.by === 'times' || name === 'step-up')
  // The last target is the one that this is about, so it comes first.
  const names = [...new Set(shown.flatMap(({ ratio }) => Object.keys(ratio)))].toReversed()
  const most = Math.max(2, ...shown.flatMap(({ ratio, reach }) => [...mediansOf(ratio), reach?.most ?? 0]))
  const across = (times: number) => LEFT + (times / most) * (WIDTH - LEFT - RIGHT)
  const each = names.length * BAR + GAP
  const height = TOP + shown.length * each + 30
  const rows = shown.map(({ name, ratio, reach }, n) => {
    const top = TOP + n * each
    const bars = names.map((target, place) => {
      const times = ratio[target]?.median
      if (times === undefined) return ''
      const y = top + place * BAR
      const told = `<text class="note" x="${across(times) + 6}" y="${y + 11}">${times.toFixed(2)}</text>`
      return `<rect class="bar${place}" x="${LEFT}" y="${y}" width="${across(times) - LEFT}" height="${BAR - 2}" rx="2"/>${told}`
    })
    const mark = reach && line('reach', across(reach.most), top - 3, top + names.length * BAR + 1)
    return `${label(name, top + (names.length * BAR) / 2 + 4)}${bars.join('')}${mark ?? ''}`
  })
  const key = names.map(
    (target, n) =>
      `<rect class="bar${n}" x="${LEFT + n * 120}" y="14" width="12" height="12" rx="2"/><text x="${LEFT + 18 + n * 120}" y="25">${target}</text>`,
  )
  const marks = `${line('reach', LEFT + names.length * 120, 12, 28)}<text x="${LEFT + 8 + names.length * 120}" y="25">to reach</text>`
  const floor = `${line('axis', across(1), TOP - 6, height - 24)}<text class="note" x="${across(1)}" y="${height - 8}" text-anchor="middle">the floor</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>Processor time of each flow, in multiples of the floor</title>
<style>${STYLE}
</style>
${key.join('')}${marks}
${floor}
${rows.join('\n')}
</svg>
`
}

function mediansOf(ratio: Measured['ratio']): number[] {
  return Object.values(ratio).map(({ median }) => median)
}

function label(name: string, y: number): string {
  return `<text x="${LEFT - 12}" y="${y}" text-anchor="end">${name}</text>`
}

function line(kind: string, x: number, from: number, to: number): string {
  return `<line class="${kind}" x1="${x}" x2="${x}" y1="${from}" y2="${to}"/>`
}
