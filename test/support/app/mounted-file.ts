/** A file that is mounted as another one. Only root can do that. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Why there can be none; undefined if there can. */
export const noMount: string | undefined = whyNot()

function whyNot(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-mount-'))
  try {
    writeFileSync(join(folder, 'file'), '')
    mount(join(folder, 'file'), join(folder, 'other'))()
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function mount(file: string, as: string): () => void {
  writeFileSync(as, '')
  execFileSync('mount', ['--bind', file, as], { stdio: ['ignore', 'ignore', 'pipe'] })
  return () => void execFileSync('umount', [as])
}

/** For one test. */
export function mountFile(file: string, as: string): void {
  onTestFinished(mount(file, as))
}
