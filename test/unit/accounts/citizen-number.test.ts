import { describe, expect, test } from 'vitest'
import { holdsCitizenNumber } from '../../../src/accounts/citizen-number.ts'
import { VERBS } from '../../../src/admin/verbs.ts'

// 111222333 and 123456782 are the numbers that the authorities use in examples.
describe('DAT-02: a citizen service number', () => {
  test.each(['111222333', '123456782', 'Sanne 111222333', '111 222 333', '111.222.333', '１１１２２２３３３'])(
    'is seen in %j',
    (text) => expect(holdsCitizenNumber(text)).toBe(true),
  )

  test.each(['', 'Sanne de Vries', '111222334', '000000000', '11122233', '1112223330', '0612345678', '2026-11-22'])(
    'is not seen in %j',
    (text) => expect(holdsCitizenNumber(text)).toBe(false),
  )

  test.each(['name', 'organization'])('is refused as the %s of a person who is invited', (field) => {
    const invite = VERBS.find(({ name }) => name === 'person:invite')
    const input = { email: 'sanne@sigma.example', name: 'Sanne', organization: 'Bakkerij', [field]: 'Sanne 111222333' }
    const refused = invite?.input.safeParse(input)
    expect(refused?.error?.issues.map(({ path }) => path)).toEqual([[field]])
  })
})
