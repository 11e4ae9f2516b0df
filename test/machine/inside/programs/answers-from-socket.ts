import { createServer } from 'node:net'

// Socket-activated (sd_listen_fds(3): descriptor 3): answers its pid to every connection. At SIGTERM it answers those it has
// accepted and ends; those it has not are still in the queue of the socket.

const server = createServer((connection) => connection.end(`${process.pid}\n`)).listen({ fd: 3 })
process.once('SIGTERM', () => server.close())
