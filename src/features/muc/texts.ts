import { catalogue } from '../../plugin/index.ts';

const english = {
  notInRoom: 'You are not in this room.',
  notConfigurable: 'The settings of this room are a matter of its network, not of the gateway.',
};

/** What people read of rooms. */
export const texts = catalogue(english, {
  de: {
    notInRoom: 'Du bist nicht in diesem Raum.',
    notConfigurable: 'Die Einstellungen dieses Raums sind Sache seines Netzes, nicht des Gateways.',
  },
});
