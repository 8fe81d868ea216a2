// A message hub as tutorials write one: the ws package, a Map of who is online, better-sqlite3, one INSERT a message. It speaks the
// frames of tests/bench/relay-load-frames.h. SPDX-License-Identifier: GPL-3.0-or-later
//
//     node hub.js DATABASE      (NODE_PATH names the folder of the packages)
'use strict';
const { WebSocketServer } = require('ws');
const Database = require('better-sqlite3');

const db = new Database(process.argv[2]);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL'); // an answer says that the message is on the disk
db.exec('CREATE TABLE mail (id INTEGER PRIMARY KEY, device INTEGER NOT NULL, stored INTEGER NOT NULL, envelope BLOB NOT NULL)');
const insert = db.prepare('INSERT INTO mail (device, stored, envelope) VALUES (?, ?, ?)');
const remove = db.prepare('DELETE FROM mail WHERE id = ?');

const online = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

function deposit(from, frame) {
  const device = frame.readUInt32LE(5);
  const envelope = frame.subarray(69);
  const { lastInsertRowid } = insert.run(device, Date.now(), envelope);
  const answer = Buffer.alloc(6);
  answer[0] = 0x81;
  frame.copy(answer, 1, 1, 5);
  from.send(answer);
  const to = online.get(device);
  if (to === undefined) return;
  const head = Buffer.alloc(10);
  head[0] = 0x82;
  head.writeBigUInt64BE(BigInt(lastInsertRowid), 1);
  head[9] = 1;
  to.send(Buffer.concat([head, envelope]));
}

server.on('connection', (socket) => {
  socket.on('message', (frame) => {
    if (frame[0] === 0x01) {
      deposit(socket, frame);
    } else if (frame[0] === 0x02) {
      remove.run(frame.readBigUInt64BE(1));
    } else if (frame[0] === 0x10) {
      const device = frame.readUInt32LE(1);
      online.set(device, socket);
      socket.on('close', () => online.delete(device));
      socket.send(Buffer.from([0x11]));
    }
  });
});
server.on('listening', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
