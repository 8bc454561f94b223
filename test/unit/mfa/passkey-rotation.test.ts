/** A passkey outlives the root key that it was sealed under, for as long as that is in the ring. */
import { expect, test } from 'vitest'
import { type Keyring, keyring, sealer } from '../../../src/lib/crypto.ts'
import { readAssertion } from '../../../src/mfa/passkey-check.ts'
import { passkeys } from '../../../src/mfa/passkeys.ts'
import { listPasskeys } from '../../../src/person/passkey.ts'
import { softKey } from '../../support/people/soft-key.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const bench = forEachTest(factorBench)
const PAGE = { purpose: 'login', place: 'page', accountId: undefined } as const
const NEXT = { id: 'next', key: Buffer.alloc(32, 9) }
/** The bench's own. */
const FIRST = { id: 'k', key: Buffer.alloc(32, 7) }

function service(ring: Keyring) {
  return passkeys({
    ...{ ...bench.common, ring, seal: sealer(ring, 'records'), enqueue: bench.store.enqueue, product: 'Sigma ID' },
    ...{ rpId: 'localhost', origin: 'https://localhost', organizationOf: () => undefined },
  })
}

async function registered() {
  const { account } = await bench.enrolled()
  const [before, key] = [service(keyring([FIRST])), softKey()]
  const requester = { account, session: 's', source: SOURCE }
  const creation = (await before.creation(requester)) ?? expect.fail('no options')
  const made = key.register({ challenge: creation.challenge, userHandle: creation.user.id })
  expect(await before.add(requester, made, 'Chrome')).toMatchObject({ ok: true })
  const [passkey] = listPasskeys((await bench.store.people.find(account.id)) ?? expect.fail('nobody'))
  const owner = { account: await bench.again(account), passkey: passkey ?? expect.fail('no passkey') }
  const challenge = before.ask(PAGE)?.challenge ?? ''
  const assertion = readAssertion(key.assert({ challenge })) ?? expect.fail('no assertion')
  return { owner, assertion }
}

const how = { agent: 'Chrome', source: SOURCE }

test('it answers a page of before the rotation, after it', async () => {
  const { owner, assertion } = await registered()
  expect(await service(keyring([NEXT, FIRST])).use(assertion, owner, PAGE, how)).toBe('right')
})

test('without the key it was sealed under there is nothing to answer with', async () => {
  const { owner, assertion } = await registered()
  const { passkey } = owner
  const after = service(keyring([NEXT]))
  expect(await after.use(assertion, owner, PAGE, how)).toBe('wrong')
  expect(() => after.ask(PAGE, [passkey])).toThrow()
})
