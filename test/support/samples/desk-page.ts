/** What every page of administration is shown with in tests. */
export const base = { nonce: 'n0nce', self: '/admin?step=1', csrf: 'CSRF', for: 'FOR', action: '/admin' }

const SECTIONS = [
  'home',
  'people',
  'invitations',
  'cases',
  'applications',
  'approvals',
  'apis',
  'organizations',
  'campaign',
  'audit',
  'deliveries',
  'keys',
]
export const desk = (current: string) => ({
  ...base,
  who: { name: 'Bea Beheer', email: 'beheer@sigma.example' },
  signOut: '/session/end',
  sections: SECTIONS.map((name) => ({
    name,
    href: name === 'home' ? '/admin' : `/admin/${name}`,
    current: name === current && 'page',
    ...(name === 'approvals' && { count: 2 }),
  })),
})
