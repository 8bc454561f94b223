/** One application as a verb tells of it, in words for pages: its definition by groups, and as the file would have it. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { showClient } from '../../../admin/client-looks.ts'
import { asWritten, itemAsYaml } from '../../../client/as-yaml.ts'
import type { Definition } from '../../../client/record.ts'
import { SECOND_FACTORS } from '../../../person/second-factor.ts'
import type { Desk } from '../desk.ts'

/** What the first page tells, in groups; what is as it is for most is told in the last, by itself. */
const FACTS = [
  ['name', ['client_id', 'client_name', 'client_uri', 'initiate_login_uri', 'application_type', 'first_party']],
  ['addresses', ['redirect_uris', 'post_logout_redirect_uris', 'backchannel_logout_uri']],
  ['people', ['minimum_acr', 'second_factors', 'remembered_devices', 'mfa_max_age', 'staff_only']],
  ['access', ['scope', 'grant_types', 'token_endpoint_auth_method', 'jwks_uri', 'jwks']],
] as const

/** What goes where a list was not said. */
export const UNSAID: Record<string, unknown> = { second_factors: SECOND_FACTORS }

/** An application, by the id in the address. */
export async function shownAt(at: Desk, ctx: RouterContext, requester: Requester) {
  return at.run(ctx, requester, showClient, { client: ctx.params.id })
}

/** All that a definition says, in groups. Of what most leave as it is, what is as it is for most is left out. */
export function factGroups(
  definition: Definition,
): Array<{ name: string; facts: Array<{ field: string; value: unknown }> }> {
  const told = FACTS.flatMap(([, names]) => names as readonly string[])
  const written = Object.keys(asWritten({ noun: 'client', record: { definition } }))
  const rest = written.filter((name) => !told.includes(name))
  return [...FACTS, ['more', rest] as const]
    .map(([name, names]) => ({
      name,
      facts: names
        .map((field) => ({ field, value: definition[field] ?? UNSAID[field] }))
        .filter(({ value }) => value !== undefined),
    }))
    .filter(({ facts }) => facts.length > 0)
}

export type Whole = Awaited<ReturnType<typeof shownAt>>

/** As an item of the file's list. */
export function yamlOf(application: Whole): string {
  return itemAsYaml(asWritten({ noun: 'client', record: application }))
}
