/** Everybody whom the campaign is about, as a forecast takes them: counted by group, and those who may wait longer by themselves. */
import type { Account } from '../person/account.ts'
import { type Group, groupOf, parseGroup, parsePasskeyGroup } from '../person/group.ts'
import { keyOf, type People } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import type { Found } from '../record/records.ts'
import type { CampaignRules } from './campaign.ts'
import type { Crowd } from './forecast.ts'

export type CrowdRecords = Pick<People, 'counts' | 'list' | 'findBy'>

/** Few have longer; whoever has more of them pays with another look. */
const AT_FIRST = 1000

export interface ReadCrowd extends Crowd {
  longer: Array<{ group: Group; person: Account }>
}

export async function crowdOf(people: CrowdRecords, exempt: CampaignRules['exempt'], at: number): Promise<ReadCrowd> {
  const waiting = exempt.filter(({ until }) => until > at).map(({ emailKey }) => keyOf.email(emailKey))
  const [counts, extended, exempted] = await Promise.all([
    people.counts('group'),
    allExtended(people, at),
    Promise.all([...new Set(waiting)].map((key) => people.findBy(key))),
  ])
  const found = [...extended, ...exempted.filter((one) => one !== undefined)]
  const each = new Map(found.map(({ id, record }) => [id, record]))
  return {
    groups: counts.map(({ value, count }) => ({ group: parseGroup(String(value)), count })),
    longer: [...each.values()].flatMap((record) => {
      const group = groupOf(record)
      return group && record.account ? [{ group, person: record.account }] : []
    }),
  }
}

/** Those who have a passkey for this RP id, counted by group. */
export async function withPasskeys(people: Pick<CrowdRecords, 'counts'>, rpId: string): Promise<Crowd['groups']> {
  return (await people.counts('passkeyGroup')).flatMap(({ value, count }) => {
    const group = parsePasskeyGroup(String(value), rpId)
    return group ? [{ group, count }] : []
  })
}

async function allExtended(people: CrowdRecords, at: number): Promise<Array<Found<PersonRecord>>> {
  for (let limit = AT_FIRST; ; limit *= 2) {
    const found = await people.list({ by: 'extendedUntil', from: at + 1, limit })
    if (found.length < limit) return found
  }
}
