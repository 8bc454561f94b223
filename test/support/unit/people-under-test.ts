/** People in memory for tests of the rules about them: new for each test, with what left with the changes. */
import { beforeEach } from 'vitest'
import { personKind } from '../../../src/person/kind.ts'
import { type Asked, asked } from '../people/asked-people.ts'
import { memoryRecords } from './memory-records.ts'

export interface PeopleUnderTest extends Asked {
  /** How many parcels left. */
  backlog(): Promise<{ waiting: number }>
}

export function peopleUnderTest(): () => PeopleUnderTest {
  let people = begin()
  beforeEach(() => {
    people = begin()
  })
  return () => people
}

function begin(): PeopleUnderTest {
  const people = memoryRecords(personKind)
  return { ...asked(people), backlog: async () => ({ waiting: people.parcels.length }) }
}
