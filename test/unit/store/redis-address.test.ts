/** What is understood as the address of Redis, and what is said of the rest. */
import { expect, test } from 'vitest'
import { InputError } from '../../../src/lib/errors.ts'
import { parseRedisAddress, type RedisAddress } from '../../../src/store/redis/address.ts'

const open = { tls: false, username: undefined, password: undefined }

test.each<[string | string[], RedisAddress]>([
  ['redis://redis', { kind: 'server', server: { host: 'redis', port: 6379 }, db: 0, ...open }],
  [' redis://127.0.0.1:7000/3\n', { kind: 'server', server: { host: '127.0.0.1', port: 7000 }, db: 3, ...open }],
  ['redis://[::1]:7000/', { kind: 'server', server: { host: '::1', port: 7000 }, db: 0, ...open }],
  ['redis://[fe80::1]', { kind: 'server', server: { host: 'fe80::1', port: 6379 }, db: 0, ...open }],
  [
    'rediss://sigma:p%40ss%3Aw%2Ford@redis.example.org',
    {
      kind: 'server',
      server: { host: 'redis.example.org', port: 6379 },
      db: 0,
      tls: true,
      username: 'sigma',
      password: 'p@ss:w/ord',
    },
  ],
  ['redis://:p@s:s@r', { kind: 'server', server: { host: 'r', port: 6379 }, db: 0, ...open, password: 'p@s:s' }],
  [
    'redis+sentinel://:secret@one,two:26380/sigma%20id',
    {
      kind: 'sentinel',
      sentinels: [
        { host: 'one', port: 26379 },
        { host: 'two', port: 26380 },
      ],
      master: 'sigma id',
      ...open,
      password: 'secret',
    },
  ],
  [
    'rediss+cluster://one:7000,two',
    {
      kind: 'cluster',
      nodes: [
        { host: 'one', port: 7000 },
        { host: 'two', port: 6379 },
      ],
      ...open,
      tls: true,
    },
  ],
  [
    ['redis://:secret@one', 'redis://:secret@two'],
    {
      kind: 'cluster',
      nodes: [
        { host: 'one', port: 6379 },
        { host: 'two', port: 6379 },
      ],
      ...open,
      password: 'secret',
    },
  ],
  [['redis://one'], { kind: 'server', server: { host: 'one', port: 6379 }, db: 0, ...open }],
])('%s is understood', (given, expected) => expect(parseRedisAddress(given)).toEqual(expected))

test.each<[string, string | string[], RegExp]>([
  ['nothing', [], /is missing/],
  ['an empty text', '', /must be redis:\/\//],
  ['another scheme', 'http://:hunter2@redis', /must be redis:\/\//],
  ['a scheme alone', 'redis://', /must be redis:\/\//],
  ['a query', 'redis://:hunter2@redis?db=1', /must be redis:\/\//],
  ['several hosts without a kind', 'redis://:hunter2@one,two', /names several hosts/],
  ['a database that is not a number', 'redis://:hunter2@one/hunter2', /number of a database/],
  ['Sentinels without a master', 'redis+sentinel://:hunter2@one,two', /name of the master/],
  ['a Cluster with a database', 'redis+cluster://:hunter2@one/1', /only one database/],
  ['an unknown kind', 'redis+unix://:hunter2@one', /must be redis:\/\//],
  ['a user without a password', 'redis://hunter2@one', /a user without a password/],
  ['half an escape', 'redis://:hunter2%@one', /write a % itself as %25/],
  ['an unescaped slash in the password', 'redis://:hunter2/x@one', /has a host that is not|number of a database/],
  ['an empty host', 'redis+cluster://:hunter2@one,', /host:port/],
  ['a port out of range', 'redis://:hunter2@one:70000', /between 1 and 65535/],
  ['port 0', 'redis://:hunter2@one:0', /between 1 and 65535/],
  ['a port that is none', 'redis://:hunter2@one:port', /host:port/],
  ['several of which one is of another kind', ['redis://one', 'redis+cluster://two'], /several addresses must be/],
  ['several with different passwords', ['redis://:hunter2@one', 'redis://:other@two'], /must agree/],
])('%s is refused, and the password not repeated', (_what, given, reason) => {
  const refused = () => parseRedisAddress(given)
  expect(refused).toThrow(InputError)
  expect(refused).toThrow(reason)
  expect(refused).not.toThrow(/hunter2/)
})
