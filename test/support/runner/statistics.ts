/** The Mann–Whitney U test: whether two samples may come from one distribution, whatever its shape. */

export interface Comparison {
  u: number
  /** Two-sided, by the normal approximation with tie correction: right for samples of 20 and more. */
  p: number
}

export function mannWhitney(a: number[], b: number[]): Comparison {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))]
  all.sort((x, y) => x.value - y.value)
  let rankSum = 0
  let ties = 0
  for (let start = 0; start < all.length; ) {
    let end = start
    while (end < all.length && all[end]?.value === all[start]?.value) end += 1
    const size = end - start
    // Equal values share the mean of their ranks.
    rankSum += all.slice(start, end).filter(({ first }) => first).length * ((start + 1 + end) / 2)
    ties += size ** 3 - size
    start = end
  }
  const n = all.length
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const mean = (a.length * b.length) / 2
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)))
  if (variance === 0) return { u, p: 1 }
  const z = Math.max(0, Math.abs(u - mean) - 0.5) / Math.sqrt(variance)
  return { u, p: 2 * (1 - normal(z)) }
}

/**
 * Whether two samples of times tell their sources apart: by their ranks, or by medians that lie further apart than half of
 * what chance spreads either, and than five milliseconds. One comparison of equal sources in a hundred does.
 */
export function tellsApart(a: number[], b: number[]): boolean {
  const spread = Math.max(...[a, b].map((sample) => quantile(sample, 0.75) - quantile(sample, 0.25)))
  const distance = Math.abs(quantile(a, 0.5) - quantile(b, 0.5))
  return mannWhitney(a, b).p <= 0.01 || distance > Math.max(5, spread / 2)
}

/** The value below which this share of the sample lies. */
export function quantile(sample: number[], share: number): number {
  const sorted = [...sample].sort((x, y) => x - y)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** `median (first quartile – third quartile)`, two digits. */
export function summary(sample: number[]): string {
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((share) => quantile(sample, share).toFixed(2))
  return `${median} (${q1}–${q3})`
}

/** The standard normal distribution function (Abramowitz and Stegun 26.2.17; error below 7.5e-8). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - density * series
}
