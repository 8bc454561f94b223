/** Where our own pages lead people on to is what the home application says at that moment. */
import { expect, test } from 'vitest'
import { world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here = forAllTests(() => world())

test('pages lead to the new address of the home application, without a restart', async () => {
  const { app } = here
  const [old, fresh] = [`${here.apps.origin}/house`, 'https://new.example.org/login']
  const leads = async () => {
    const stranger = new Person()
    await stranger.visit(`${app.origin}/no-such-page`)
    return [stranger.page.html.includes(old), stranger.page.html.includes(fresh)]
  }
  expect(await leads()).toEqual([true, false])
  await app.core.store.durable.clients.change('house', (draft) => {
    draft.definition = { ...draft.definition, initiate_login_uri: fresh }
    draft.version += 1
    draft.changedAt += 1
  })
  await app.followClients()
  expect(await leads()).toEqual([false, true])
})
