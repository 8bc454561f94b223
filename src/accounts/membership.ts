/**
 * What follows for people when an organization is disabled or merged: everything that they had signed in ends, or they
 * belong to another. It goes in bites, one after the other; what is left to do can be seen from the records, so whoever
 * comes next goes on where another stopped. To do it twice does no harm.
 */
import type { Directory } from '../organization/directory.ts'
import type { People } from '../person/kind.ts'
import { beginEnding, finishEnding, membershipValue, moveTo, parseMembership } from '../person/membership.ts'

export interface MembershipParts {
  people: Pick<People, 'change' | 'list' | 'values'>
  organizations: Directory
  /** Ends every session, token and remembered device of the account; applications are told. */
  endSessions: (accountId: string) => Promise<void>
  /** People at once: few enough that others get their turn. */
  atOnce?: number
}

export interface Memberships {
  /** Does a part of what is left, of everybody's. False once nothing was. */
  settle(): Promise<boolean>
  /** Ends all that people of a disabled organization had signed in before. */
  finish(organizationId: string): Promise<void>
}

const BITE = 50
/** Bites before whoever works in the background looks up. */
const BITES = 10

interface Work {
  /** People who are found between these. */
  from: string
  to: string
  see: (accountId: string) => Promise<void>
}

export function memberships({ people, organizations, endSessions, atOnce = BITE }: MembershipParts): Memberships {
  /** Of everybody who has not seen as many endings yet. */
  function endings(id: string, ending: number): Work {
    return {
      from: membershipValue(id, 0),
      to: membershipValue(id, ending - 1),
      async see(accountId) {
        // Another moved them, or erased them, meanwhile.
        if (!(await people.change(accountId, (person) => beginEnding(person, id, ending)))) return
        await endSessions(accountId)
        await people.change(accountId, (person) => finishEnding(person, id, ending))
      },
    }
  }

  function workAt(value: string): Work | undefined {
    const { organizationId: id, ending: done } = parseMembership(value)
    const head = organizations.find(id)
    if (!head) return undefined
    const { status, ending } = head.record
    if (head.id === id) return status === 'disabled' && done < ending ? endings(id, ending) : undefined
    // What the other has to end may have passed by before they came: then it is still to be done.
    const to = { organizationId: head.id, ending: status === 'disabled' ? ending - 1 : ending }
    const see = (accountId: string) => people.change(accountId, (person) => void moveTo(person, id, to))
    return { from: value, to: value, see }
  }

  /** False if nobody is left. */
  async function bite({ from, to, see }: Work): Promise<boolean> {
    const found = await people.list({ by: 'organization', from, to, limit: atOnce })
    // All at once, so that they share a sync to disk. Somebody who cannot be changed holds up no other.
    const outcomes = await Promise.allSettled(found.map(({ id }) => see(id)))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    return found.length === atOnce
  }

  async function left(): Promise<Work[]> {
    const values = await people.values('organization')
    return values.map((value) => workAt(String(value))).filter((found) => found !== undefined)
  }

  return {
    async settle() {
      let bites = BITES
      const works = await left()
      for (const work of works)
        do {
          if (bites === 0) return true
          bites -= 1
        } while (await bite(work))
      // Whoever was moved may have something to end where they came.
      return works.length > 0
    },

    async finish(organizationId) {
      const { ending = 0 } = organizations.find(organizationId)?.record ?? {}
      if (ending > 0) while (await bite(endings(organizationId, ending)));
    },
  }
}
