/** What must hold after a node was lost while people typed their codes. */
import { expect } from 'vitest'
import { codeOf, wrongCode } from '../people/second-factor.ts'
import { type Member, twoStep } from './crowd.ts'
import type { Nodes } from './nodes.ts'
import { Visit } from './visit.ts'

/** Somebody who sets an app up at the moment of the loss. */
export interface Beginner {
  member: Member
  key: string
  visit: Visit
  /** Whether an answer said that the app is on. */
  acknowledged: boolean
}

/** A code that was sent, and whether somebody was told that it was right. */
export interface Typed {
  member: Member
  code: string
  acknowledged: boolean
}

/** Of a code, RFC 6238. */
const STEP = 30_000

/** Up to the page that asks for the first code. */
export async function begun({ origin }: Nodes, member: Member): Promise<Beginner> {
  const visit = new Visit(origin)
  return { member, visit, key: await visit.setUp(member), acknowledged: false }
}

/** A code that was taken is refused; one whose answer got lost is good once at most. */
export async function expectUsedUp({ origin }: Nodes, typed: Typed[]): Promise<void> {
  let checked = 0
  const check = async ({ member, code, acknowledged }: Typed) => {
    const answers = [await new Visit(origin).enter(member, code), await new Visit(origin).enter(member, code)]
    expect(answers.filter((answer) => answer === 'in').length).toBeLessThanOrEqual(acknowledged ? 0 : 1)
    if (!isShown(member, code)) return
    checked += 1
    expect(answers[1]).toBe('used')
  }
  await Promise.all(typed.map(check))
  // Otherwise all were too old by then, and nothing was tested.
  expect(checked).toBeGreaterThan(0)
}

/** Either all of two-step verification is on, or nothing; and there is a way in. */
export async function expectWhole(nodes: Nodes, { member, key, acknowledged }: Beginner): Promise<void> {
  const state = await twoStep(await nodes.core(), member)
  expect(acknowledged ? ['on'] : ['on', 'off']).toContain(state)
  const visit = new Visit(nodes.origin)
  if (state === 'off') await visit.setUp(member)
  else expect(await visit.enter(member, wrongCode(key, Date.now()))).toBe('refused')
}

/** Whether it would be taken now, were it not used. */
function isShown({ key = '' }: Member, code: string): boolean {
  return [codeOf(key, Date.now()), codeOf(key, Date.now() - STEP)].includes(code)
}
