/** What Keycloak is given to serve: a realm with our applications, our levels and our people, as files of its import. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashRaw } from '@node-rs/argon2'
import { member, PASSWORD } from './people.ts'
import { ACR, APPLICATION, REDIRECT, SERVICE } from './target.ts'

export const REALM = 'bench'

/** Argon2id as src/accounts/password.ts has it: KiB, passes, lanes, bytes of the hash. */
export const HASH = { memory: 19_456, iterations: 2, parallelism: 1, hashLength: 32 }

const DAY = 24 * 60 * 60
/** People of one file, which Keycloak takes in as one transaction. */
const IN_A_FILE = 500

/** For `kc.sh import --dir`. */
export async function writeRealm(folder: string, people: number): Promise<void> {
  writeFileSync(join(folder, `${REALM}-realm.json`), JSON.stringify(realm()))
  const password = await passwordCredential()
  for (let first = 0; first < people; first += IN_A_FILE) {
    const size = Math.min(IN_A_FILE, people - first)
    const users = Array.from({ length: size }, (_, n) => user(first + n, password))
    writeFileSync(join(folder, `${REALM}-users-${first / IN_A_FILE}.json`), JSON.stringify({ realm: REALM, users }))
  }
}

function realm() {
  return {
    realm: REALM,
    enabled: true,
    // A proxy ends TLS, as in front of the others.
    sslRequired: 'external',
    passwordPolicy: 'hashAlgorithm(argon2)',
    otpPolicyType: 'totp',
    otpPolicyAlgorithm: 'HmacSHA1',
    otpPolicyDigits: 6,
    otpPolicyPeriod: 30,
    otpPolicyCodeReusable: false,
    // As long as with the others.
    accessTokenLifespan: 600,
    ssoSessionIdleTimeout: DAY / 2,
    ssoSessionMaxLifespan: DAY / 2,
    // A refresh token is good once.
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
    attributes: { 'acr.loa.map': JSON.stringify({ [ACR.password]: 1, [ACR.mfa]: 2 }) },
    clients: [
      {
        clientId: APPLICATION.id,
        secret: APPLICATION.secret,
        redirectUris: [REDIRECT],
        standardFlowEnabled: true,
        attributes: { 'pkce.code.challenge.method': 'S256' },
        // It introspects its own tokens, and only what is for it is told to it.
        protocolMappers: [ownAudience(APPLICATION.id)],
      },
      {
        clientId: SERVICE.id,
        secret: SERVICE.secret,
        standardFlowEnabled: false,
        serviceAccountsEnabled: true,
      },
    ],
    browserFlow: 'by level',
    ...levels(),
  }
}

function ownAudience(client: string) {
  return {
    name: 'its own audience',
    protocol: 'openid-connect',
    protocolMapper: 'oidc-audience-mapper',
    config: {
      'included.client.audience': client,
      'access.token.claim': 'true',
      'introspection.token.claim': 'true',
    },
  }
}

/** The password is the first level and the code the second: whoever has reached what is asked for types nothing. */
function levels() {
  const flow = (alias: string, topLevel: boolean, authenticationExecutions: unknown[]) => {
    return { alias, topLevel, builtIn: false, providerId: 'basic-flow', authenticationExecutions }
  }
  const step = (authenticator: string, requirement: string, priority: number, authenticatorConfig?: string) => {
    return { authenticator, requirement, priority, authenticatorFlow: false, authenticatorConfig }
  }
  const part = (flowAlias: string, requirement: string, priority: number) => {
    return { flowAlias, requirement, priority, authenticatorFlow: true }
  }
  const condition = 'conditional-level-of-authentication'
  return {
    authenticationFlows: [
      flow('by level', true, [step('auth-cookie', 'ALTERNATIVE', 10), part('levels', 'ALTERNATIVE', 20)]),
      flow('levels', false, [part('first level', 'CONDITIONAL', 10), part('second level', 'CONDITIONAL', 20)]),
      flow('first level', false, [
        step(condition, 'REQUIRED', 10, 'first'),
        step('auth-username-password-form', 'REQUIRED', 20),
      ]),
      flow('second level', false, [step(condition, 'REQUIRED', 10, 'second'), step('auth-otp-form', 'REQUIRED', 20)]),
    ],
    authenticatorConfig: [
      { alias: 'first', config: { 'loa-condition-level': '1', 'loa-max-age': `${DAY / 2}` } },
      { alias: 'second', config: { 'loa-condition-level': '2', 'loa-max-age': `${DAY / 2}` } },
    ],
  }
}

function user(number: number, password: unknown) {
  const { email, key } = member(number)
  const credentials = key === undefined ? [password] : [password, appCredential(key)]
  // All that its pages would ask for otherwise.
  return {
    username: email,
    email,
    emailVerified: true,
    firstName: 'Sanne',
    lastName: 'de Vries',
    enabled: true,
    credentials,
  }
}

/** One for everybody, which nothing that is measured can tell. */
async function passwordCredential() {
  const { memory, iterations, parallelism, hashLength } = HASH
  const salt = randomBytes(16)
  const value = await hashRaw(PASSWORD, {
    memoryCost: memory,
    timeCost: iterations,
    parallelism,
    outputLen: hashLength,
    salt,
  })
  const additionalParameters = {
    hashLength: [`${hashLength}`],
    memory: [`${memory}`],
    type: ['id'],
    version: ['1.3'],
    parallelism: [`${parallelism}`],
  }
  return {
    type: 'password',
    secretData: JSON.stringify({ value: value.toString('base64'), salt: salt.toString('base64') }),
    credentialData: JSON.stringify({ hashIterations: iterations, algorithm: 'argon2', additionalParameters }),
  }
}

function appCredential(key: string) {
  return {
    type: 'otp',
    userLabel: 'app',
    secretData: JSON.stringify({ value: key }),
    credentialData: JSON.stringify({
      subType: 'totp',
      digits: 6,
      counter: 0,
      period: 30,
      algorithm: 'HmacSHA1',
      secretEncoding: 'BASE32',
    }),
  }
}
