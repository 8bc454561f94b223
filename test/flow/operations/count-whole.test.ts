/**
 * What a whole sign-in costs the store, from the request of an application to its tokens, exactly: calls that read, calls
 * that write, and commits of the embedded store, each of which waits for the disk.
 */
import { expect, test, vi } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { countedStore, type Kinds } from '../../support/app/counted-store.ts'
import { EMAIL, PASSWORD, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { due, oblige, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const counted = countedStore()

const all = forAllTests(() =>
  world({
    instrument: counted.instrument,
    // However slow the machine is, a request of one person alone is one commit.
    database: { onCommit: counted.onCommit, longest: MINUTE },
  }),
)
const house = forAllTests(() => relyingParty(all, 'house'))

function sum(steps: Record<string, Kinds>): Kinds {
  return Object.values(steps).reduce((all, step) => ({
    reads: all.reads + step.reads,
    writes: all.writes + step.writes,
    commits: all.commits + step.commits,
  }))
}

test('with a password alone: 9 reads, 5 commits', async () => {
  const sanne = new Person()
  const request = await house.request()
  const steps = {
    page: await counted.kinds(() => sanne.visit(request.url.href)),
    password: await counted.kinds(() => sanne.submit({ email: EMAIL, password: PASSWORD })),
    tokens: await counted.kinds(() => house.redeem(sanne.page.url, request)),
  }
  expect(steps).toEqual({
    page: { reads: 1, writes: 1, commits: 1 },
    // The try, before the password is looked at; what follows from it; and the way back to the application.
    password: { reads: 5, writes: 10, commits: 3 },
    tokens: { reads: 3, writes: 4, commits: 1 },
  })
  expect(sum(steps)).toMatchObject({ reads: 9, commits: 5 })
})

test('with a code: 15 reads, 8 commits', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const who = await startsOf(all.app, house).enrolled()
  const request = await house.request()
  const steps = {
    page: await counted.kinds(() => who.browser.visit(request.url.href)),
    password: await counted.kinds(() => oblige(who)),
    code: await counted.kinds(async () => {
      expect(due(who.browser)).toBe('code')
      await oblige(who)
    }),
    tokens: await counted.kinds(() => house.redeem(who.browser.page.url, request)),
  }
  expect(steps).toEqual({
    page: { reads: 1, writes: 1, commits: 1 },
    password: { reads: 6, writes: 9, commits: 3 },
    code: { reads: 5, writes: 10, commits: 3 },
    tokens: { reads: 3, writes: 4, commits: 1 },
  })
  expect(sum(steps)).toMatchObject({ reads: 15, commits: 8 })
  vi.useRealTimers()
})
