import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBucket, type TestBucket } from '../../test/bucket.ts'
import { type Artifacts, artifactsIn } from './artifacts.file.ts'
import { artifactsInBucket } from './bucket-artifacts.client.ts'

let folder: string
let store: TestBucket
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifacts-'))
  store = await openBucket()
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const bytesOf = async (body: Readable) => Buffer.concat(await Array.fromAsync(body))
const from = (text: string | Buffer) => Readable.from([Buffer.from(text)])

describe.each([
  ['a folder', () => artifactsIn(join(folder, 'artifacts'))],
  ['a bucket', () => artifactsInBucket(store.bucket)],
] as const)('artifacts in %s', (_, open) => {
  let artifacts: Artifacts
  beforeAll(() => {
    artifacts = open()
  })

  test('come back byte for byte, whole or a range of them', async () => {
    await artifacts.write('1/50% of ü (it).bin', from('0123456789'))
    expect(await artifacts.sizeBytesOf('1/50% of ü (it).bin')).toBe(10)
    expect(String(await bytesOf(await artifacts.read('1/50% of ü (it).bin')))).toBe('0123456789')
    expect(String(await bytesOf(await artifacts.read('1/50% of ü (it).bin', { first: 2, last: 4 })))).toBe('234')
  })

  test('of many megabytes come back too, and an empty one', async () => {
    const large = randomBytes((8 << 20) + 5)
    await artifacts.write('2/large', Readable.from([large.subarray(0, 1000), large.subarray(1000)]))
    await artifacts.write('2/empty', Readable.from([]))
    expect((await bytesOf(await artifacts.read('2/large'))).equals(large)).toBe(true)
    expect(await artifacts.sizeBytesOf('2/empty')).toBe(0)
  })

  test('are listed by name, folders without a size, also over several pages', async () => {
    for (const path of ['3/b.txt', '3/a/deep/x', '3/a/y', '3/z z', '3/c', '3/d']) await artifacts.write(path, from('xy'))
    expect(await artifacts.list('3')).toEqual([
      { path: 'a', is_dir: true },
      ...['b.txt', 'c', 'd', 'z z'].map((path) => ({ path, is_dir: false, file_size: 2 })),
    ])
    expect(await artifacts.list('3/none')).toEqual([])
  })

  test('are deleted alone or with all in a folder, and again without a complaint', async () => {
    for (const path of ['4/a', '4/b/c', '4/b/d', '4/b/e/f', '4/bc']) await artifacts.write(path, from('x'))
    for (const path of ['4/a', '4/b', '4/b']) await artifacts.remove(path)
    expect(await artifacts.list('4')).toEqual([{ path: 'bc', is_dir: false, file_size: 1 }])
    await expect(async () => artifacts.remove('')).rejects.toThrow('Invalid path')
  })

  test('uploaded in parts are put together in the order of their numbers, whatever order they came in', async () => {
    const upload = { path: '5/whole', uploadId: await artifacts.beginUpload('5/whole') }
    const second = { number: 2, etag: await artifacts.writePart(upload, 2, from('second')) }
    await artifacts.writePart(upload, 1, from('torn'))
    const first = { number: 1, etag: await artifacts.writePart(upload, 1, from('first ')) }
    await expect(artifacts.sizeBytesOf('5/whole')).rejects.toThrow('not found')
    await artifacts.completeUpload(upload, [second, first])
    expect(String(await bytesOf(await artifacts.read('5/whole')))).toBe('first second')
  })

  test('uploaded in parts are not made of parts that nobody sent, and given up leave nothing', async () => {
    const begun = async () => ({ path: '6/never', uploadId: await artifacts.beginUpload('6/never') })
    const [wrong, abandoned] = [await begun(), await begun()]
    await artifacts.writePart(wrong, 1, from('x'))
    await expect(artifacts.completeUpload(wrong, [{ number: 1, etag: 'other' }])).rejects.toMatchObject({ status: 400 })
    await artifacts.abortUpload(wrong)
    await artifacts.abortUpload(abandoned)
    await expect(artifacts.sizeBytesOf('6/never')).rejects.toMatchObject({ status: 404 })
  })

  test('of a body that breaks off are not there, and the ones before stay', async () => {
    await artifacts.write('7/kept', from('before'))
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(9 << 20)
        throw new Error('broke off')
      })(),
    )
    await expect(artifacts.write('7/kept', broken)).rejects.toThrow('broke off')
    expect(String(await bytesOf(await artifacts.read('7/kept')))).toBe('before')
  })
})

test('a folder keeps nothing of what broke off or was given up', async () => {
  expect(await readdir(join(folder, 'artifacts.unfinished'))).toEqual([])
})

test('a file in the way of a folder is the request’s fault', async () => {
  const artifacts = artifactsIn(join(folder, 'artifacts'))
  await artifacts.write('8/a', from('x'))
  await expect(artifacts.write('8/a/b', from('x'))).rejects.toMatchObject({ status: 400 })
})

test('a bucket that fails for a moment is asked again; one that fails on is told as unavailable', async () => {
  const artifacts = artifactsInBucket(store.bucket)
  store.failNext(1)
  await artifacts.write('9/a', from('x'))
  expect(store.objects.has('desk/x/9/a')).toBe(true)
  store.failNext(3)
  await expect(artifacts.sizeBytesOf('9/a')).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE', status: 503 })
  expect(store.openUploads()).toBe(0)
})
