// SPDX-License-Identifier: Apache-2.0

#ifndef CMOSQUITTO_H
#define CMOSQUITTO_H

#include <mosquitto.h>
#include <mqtt_protocol.h>

#endif
