export { assertPath, assertServiceName } from './names.ts'
export { pathBytes, pathFromBytes } from './path-bytes.ts'
