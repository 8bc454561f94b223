/** All at once, so that they share a sync to disk; nothing is under way any more when this rejects. */
export async function settled<T>(works: Array<Promise<T>>): Promise<T[]> {
  const outcomes = await Promise.allSettled(works)
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
