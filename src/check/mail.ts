/** Whether the mail server takes us: connection, TLS and login, without a mail. */
import { createTransport } from 'nodemailer'
import { connection } from '../delivery/smtp.ts'
import { networkReason } from '../lib/network-fault.ts'
import { type Finding, ok } from './finding.ts'

const NAME = 'SIGMA_SMTP_URL'

export async function checkMail(url: string, patience?: number): Promise<Finding> {
  const { host } = new URL(url)
  const { pool: _pool, ...options } = {
    pool: false,
    ...connection({ url, ...(patience !== undefined && { patience }) }),
  }
  const transport = createTransport(options)
  try {
    await transport.verify()
    return ok(NAME, `${host} takes us`)
  } catch (fault) {
    return {
      level: 'fault',
      name: NAME,
      found: `${host} ${mailReason(fault)}`,
      expected: 'a mail server that this machine reaches, with TLS, and that takes the user and password',
      remedy: `look at ${NAME} and at the network between`,
    }
  } finally {
    transport.close()
  }
}

/** In words, without what the server said: it may repeat what it was told. */
export function mailReason(fault: unknown): string {
  const { code, responseCode } = (fault ?? {}) as { code?: string; responseCode?: number }
  if (code === 'EAUTH') return `does not take the user and password${answered(responseCode)}`
  const reason = networkReason(fault)
  if (reason !== undefined) return reason
  if (code === 'ETLS') return 'offers no encryption (STARTTLS), without which no mail crosses a network'
  if (code === 'EDNS') return 'was not found: there is no host of that name'
  if (code === 'EENVELOPE') return `does not take the sender or the address${answered(responseCode)}`
  return `did not take what we said${answered(responseCode)}`
}

function answered(code: number | undefined): string {
  return code === undefined ? '' : `: it answered ${code}`
}
