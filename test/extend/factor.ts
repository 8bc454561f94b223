/** The code that the reader at the company's door shows on a person's badge. */
import type { Addition } from './scratch.ts'

const TEXTS = {
  en: { name: 'Badge code', way: 'The code that the reader at the door shows' },
  nl: { name: 'Badgecode', way: 'De code die de lezer bij de deur toont' },
}

export const factor: Addition = {
  row: 'a second factor',
  apply(copy) {
    copy.insert(
      'src/person/second-factor.ts',
      'before',
      '} as const satisfies Record<string, Nature>',
      `  badge: {
    amr: 'badge',
    kind: 'possession',
    enrolled: undefined,
    unguessable: false,
    offered: true,
    remembers: false,
    sign: 'lock',
    opens: { account: false, admin: false },
  },
`,
    )
    copy.add(
      'src/mfa/badge.ts',
      `/** The code on a person's badge. */
import { hmac, type Keyring, sameSecret } from '../lib/crypto.ts'
import type { Factor } from './challenge.ts'

export function badgeCode(ring: Keyring, accountId: string): string {
  return hmac(ring.derive('badges'), accountId).slice(0, 8)
}

/** Only who is of the company has a badge. */
export function badge(ring: Keyring): Factor {
  return {
    method: 'badge',
    available: async ({ email }) => (email.endsWith('@company.example') ? { hint: undefined } : undefined),
    verify: async ({ account, code }) => (sameSecret(code, badgeCode(ring, account.id)) ? 'right' : 'wrong-code'),
  }
}
`,
    )
    const steps = 'src/app/second-steps.ts'
    copy.insert(
      steps,
      'before',
      "import { challenges } from '../mfa/challenge.ts'\n",
      "import { badge } from '../mfa/badge.ts'\n",
    )
    copy.insert(steps, 'after', 'temporary(people, ring, now)', ', badge(ring)')
    copy.add(
      'views/challenge/badge.eta',
      `<%
  const reason = it.error?.reason
  const problem = reason && it.t(\`code.error.\${reason}\`, { duration: it.duration(it.error?.seconds ?? 60) })
  layout('layout', { title: it.t('challenge.title'), problem })
%>
<h1><%= it.t('challenge.title') %></h1>
<%~ include('partial/form') %>
<%~ include('partial/code', { code: { label: it.t('method.badge'), reason, problem } }) %>
<div class="buttons"><button name="step" value="verify"><%= it.t('challenge.verify') %></button></div>
<div class="ways">
<% if (it.methodsHref) { %><a href="<%= it.methodsHref %>"><%= it.t('challenge.another') %></a><% } %>
<%~ include('partial/cancel') %>
</div>
</form>
`,
    )
    for (const [locale, { name, way }] of Object.entries(TEXTS))
      copy.json(`views/locales/${locale}.json`, (content) => {
        const { method, challenge } = content as Record<string, Record<string, unknown>>
        Object.assign(method ?? {}, { badge: name })
        Object.assign((challenge?.methods as Record<string, unknown>) ?? {}, { badge: way })
      })
    copy.insert(
      'test/support/samples/two-step.ts',
      'before',
      "  ...each('challenge/temporary'",
      "  ...each('challenge/badge', { ...base, methodsHref: '/methods' }, CODE),\n",
    )
    copy.insert('docs/applications.md', 'after', '`sms`, `backup` and `temporary`', ', and `badge`')
  },
  test: {
    project: 'flow',
    text: `
import { afterAll, beforeAll, expect, test } from 'vitest'
import { badgeCode } from '../../../src/mfa/badge.ts'
import type { RunningApp } from '../../support/app/app.ts'
import { press, text } from '../../support/people/second-factor.ts'
import { codesOf, halfSignedIn, startTwoStep, tries, victim } from '../../support/people/second-factor-attack.ts'

let app: RunningApp
beforeAll(async () => {
  app = await startTwoStep()
})
afterAll(() => app.stop())

test('it is offered to who has it, counted like any other, and told to the application', async () => {
  const sanne = await victim(app, 'sanne@sigma.example')
  const plain = await halfSignedIn(app, sanne.email)
  await plain.visit(\`\${plain.page.url}/challenge/methods\`)
  expect(text(plain.page)).not.toContain('Badge code')

  const bea = await victim(app, 'bea@company.example')
  const person = await halfSignedIn(app, bea.email)
  await person.visit(\`\${person.page.url}/challenge/methods\`)
  expect(text(person.page)).toContain('Badge code')
  await person.visit(person.page.url.replace('/methods', '/badge'))
  await press(person, 'verify', { code: 'wrong' })
  expect(text(person.page)).toContain('not right')
  expect(await tries(app, 'badge', bea.id)).toBe(1)
  await press(person, 'verify', { code: badgeCode(app.core.ring, bea.id) })
  expect(codesOf(person)).toHaveLength(1)
  expect(await tries(app, 'badge', bea.id)).toBe(0)
  const [proven] = (await app.core.store.durable.listAudit({ subject: bea.id, limit: 50 })).filter(({ type, outcome }) => type === 'sign-in.second-factor' && outcome === 'ok')
  expect(proven?.details).toMatchObject({ method: 'badge' })
})
`,
  },
  tests: ['test/unit/mfa', 'test/unit/render', 'test/unit/web'],
}
