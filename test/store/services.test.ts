/** The servers behind the tests of the cluster store: what those tests rely on when they stop and kill them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import mongoose from 'mongoose'
import { expect, onTestFinished, test } from 'vitest'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer, redisServer } from '../support/services/services.ts'

async function running(service: Promise<Service>): Promise<Service> {
  const started = await service
  onTestFinished(() => started.remove())
  return started
}

function redisClient({ uri }: Service): Redis {
  const client = new Redis(uri, { commandTimeout: 1000, maxRetriesPerRequest: 0, retryStrategy: () => 20 })
  client.on('error', () => undefined)
  onTestFinished(() => client.disconnect())
  return client
}

async function numbers({ uri }: Service) {
  const connection = mongoose.createConnection(`${uri}/numbers`, { serverSelectionTimeoutMS: 3000 })
  onTestFinished(() => connection.close(true))
  await connection.asPromise()
  return connection.collection<{ _id: number }>('numbers')
}

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

describeWith(['mongo'], 'the server that stands in for MongoDB', () => {
  test('what it acknowledged is there after a kill, on the same port', async () => {
    const service = await running(mongoServer())
    const writeConcern = { w: 'majority', journal: true } as const
    const before = await numbers(service)
    for (let _id = 0; _id < 200; _id += 1) await before.insertOne({ _id }, { writeConcern })
    await service.kill()
    await service.start()
    expect(await (await numbers(service)).countDocuments()).toBe(200)
  })

  test('of 100 conditional writes at once one succeeds, and a second record of one key is refused', async () => {
    const collection = await numbers(await running(mongoServer()))
    await collection.insertOne({ _id: 1 })
    await expect(collection.insertOne({ _id: 1 })).rejects.toMatchObject({ code: 11000 })
    const writes = Array.from({ length: 100 }, () =>
      collection.updateOne({ _id: 1, rev: { $exists: false } }, { $set: { rev: 1 } }),
    )
    const changed = (await Promise.all(writes)).map(({ modifiedCount }) => modifiedCount)
    expect(changed.filter((count) => count === 1)).toHaveLength(1)
  })
})

describeWith(['redis'], 'Redis', () => {
  test('keeps what it acknowledged, forgets when it is wiped, and takes settings of a test', async () => {
    const service = await running(redisServer('--maxmemory', '64mb'))
    const client = redisClient(service)
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', `${64 * 1024 * 1024}`])
    await client.set('key', 'value')
    await service.kill()
    await service.start()
    expect(await redisClient(service).get('key')).toBe('value')
    await service.stop()
    service.wipe()
    await service.start()
    expect(await redisClient(service).get('key')).toBeNull()
  })

  test('hangs while it is paused and goes on afterwards; a paused one can be stopped', async () => {
    const service = await running(redisServer())
    const client = redisClient(service)
    await client.set('key', 'value')
    service.pause()
    await expect(client.get('key')).rejects.toThrow('timed out')
    service.resume()
    expect(await client.get('key')).toBe('value')
    service.pause()
    await service.stop()
    await service.remove()
    expect(existsSync(service.folder)).toBe(false)
  })
})

describeWith(['redis'], 'a service', () => {
  test('that cannot start says why', async () => {
    await expect(redisServer('--maxmemory-policy', 'perhaps')).rejects.toThrow(/maxmemory-policy/)
  })

  test('goes when whoever started it is killed, even if it is paused', async () => {
    const program = `
      const { redisServer } = await import(${JSON.stringify(new URL('../support/services/servers.ts', import.meta.url))})
      const service = await redisServer()
      service.pause()
      console.log(JSON.stringify(service))
      await new Promise(() => setInterval(() => undefined, 1000))`
    const starter = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void starter.kill('SIGKILL'))
    const [line] = (await once(starter.stdout, 'data')) as [Buffer]
    const { port, folder } = JSON.parse(line.toString()) as Service
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    // A process that is stopped still has its port open.
    expect(await opens(port)).toBe(true)
    starter.kill('SIGKILL')
    await expect.poll(() => opens(port), { timeout: 10_000 }).toBe(false)
  })
})
